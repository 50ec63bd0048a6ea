/**
 * Keeps a call until its reply comes. The call's bytes are gone by then, so they are copied, and so is what was found
 * out about the call: its summary and the names of its files, as they were at its time. The objects are used again.
 */
import { readHeader } from '../rpc/header.js';
import type { Fault, Message } from '../rpc/message.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import type { Plan } from '../xdr/plan.js';
import type { ByteBlocks, Page } from './byte-blocks.js';
import { CallFacts } from './call-facts.js';
import type { BodyReason, Dissection } from './dissection.js';
import type { Dissector } from './dissector.js';
import { type FileName, NO_NAMES, namesOf } from './file-name-fields.js';
import type { Integrity } from './gss.js';
import { NONE_RELATED, type Related } from './related.js';

const NO_FRAMES: readonly number[] = [];

/** What few calls have. */
interface Rarities {
  carriers: readonly number[];
  notes: readonly string[];
  headerFault: Fault | null;
  status: string | null;
  statusNumber: number;
  isPlainSuccess: boolean;
  error: boolean | null;
  integrity: Integrity | null;
  verifierPlan: Plan | null;
  related: readonly Related[];
}

/** Where texts are made before they are kept. */
const scratch = new ByteWriter(1024);

export interface KeepOptions {
  /** False: only the header's bytes are kept. */
  bodies: boolean;
  /** False: no summary is kept, and `summary` must not be called. */
  summaries: boolean;
  /** The names of files, too. */
  names: boolean;
}

export class KeptCall extends CallFacts {
  private page: Page | null = null;
  private offset = 0;
  /** Bytes of the message; its summary stands behind them. */
  private have = 0;
  private summaryLength = 0;
  private files: readonly FileName[] = NO_NAMES;
  private rarities: Rarities | null = null;

  // Of the message.
  private mostLength = 0;
  private firstFrame = 0;
  private firstFile = 0;
  private frameCount = 1;
  private transfer = 0;

  // Of the dissection; offsets count from the xid.
  private plan: Plan | null = null;
  private undecoded: BodyReason | null = null;
  private at = 0;
  private end = 0;
  private limit = 0;

  override get names(): readonly FileName[] {
    return this.files;
  }

  /** Keeps the call last dissected; false where there is no room for its bytes. */
  keep(dissection: Dissection, dissector: Dissector, blocks: ByteBlocks, options: KeepOptions): boolean {
    const { message } = dissection;
    const files = options.names ? namesOf(dissection, dissector) : NO_NAMES;
    scratch.length = 0;
    if (options.summaries) dissector.writeSummary(scratch);
    const end = options.bodies || message.body < 0 ? message.end : message.body;
    if (!this.keepBytes(message, blocks, end)) return false;
    this.keepFacts(dissection);
    this.keepRest(dissection, options.bodies);
    this.files = files;
    this.rarities = raritiesOf(dissection);
    return true;
  }

  /** Fills in `dissection` and its message as they were. */
  override restore(dissection: Dissection): void {
    const { message, extent } = dissection;
    const { rarities } = this;
    this.restoreMessage(message);
    this.restoreFacts(dissection);
    dissection.plan = this.plan;
    dissection.undecoded = this.undecoded;
    extent.bytes = message.bytes;
    extent.at = message.start + this.at;
    extent.end = Math.min(message.start + this.end, message.end);
    extent.limit = message.start + this.limit;
    dissection.status = rarities?.status ?? null;
    dissection.statusNumber = rarities?.statusNumber ?? 0;
    dissection.isPlainSuccess = rarities?.isPlainSuccess ?? true;
    dissection.error = rarities?.error ?? null;
    dissection.integrity = rarities?.integrity ? moved(rarities.integrity, message.start) : null;
    dissection.verifierPlan = rarities?.verifierPlan ?? null;
    dissection.related = rarities?.related ?? NONE_RELATED;
    const operations = this.plan === null ? null : this.procedure!.operations;
    dissection.compound = operations?.find(this.plan!, true, false, extent) ?? null;
  }

  override writeSummary(out: ByteWriter): void {
    const start = this.offset + this.have;
    out.copy(this.page!.bytes, start, start + this.summaryLength);
  }

  /** Gives its bytes back. */
  release(blocks: ByteBlocks): void {
    if (this.page !== null) blocks.release(this.page, this.offset);
    this.page = null;
    this.files = NO_NAMES;
    this.rarities = null;
  }

  private keepRest({ message, extent, plan, undecoded }: Dissection, hasBody: boolean): void {
    this.mostLength = message.mostLength;
    this.firstFrame = message.firstFrame;
    this.firstFile = message.firstFile;
    this.frameCount = message.frameCount;
    this.transfer = message.transfer;
    this.plan = hasBody ? plan : null;
    this.undecoded = hasBody ? undecoded : null;
    this.at = extent.at - message.start;
    this.end = extent.end - message.start;
    this.limit = extent.limit - message.start;
  }

  /** Copies the message's bytes up to `end`, and the text in `scratch` behind them. */
  private keepBytes({ bytes, start }: Message, blocks: ByteBlocks, end: number): boolean {
    this.have = end - start;
    this.summaryLength = scratch.length;
    this.page = blocks.take(this.have + scratch.length);
    if (this.page === null) return false;
    this.offset = blocks.offset;
    copyInto(bytes, start, this.page.bytes, this.offset, this.have);
    copyInto(scratch.bytes, 0, this.page.bytes, this.offset + this.have, scratch.length);
    return true;
  }

  private restoreMessage(message: Message): void {
    const { rarities } = this;
    message.bytes = this.page!.bytes;
    message.start = this.offset;
    message.end = this.offset + this.have;
    message.length = this.length;
    message.mostLength = this.mostLength;
    readHeader(message);
    message.firstFrame = this.firstFrame;
    message.firstFile = this.firstFile;
    message.frameCount = this.frameCount;
    message.carriers = rarities?.carriers ?? NO_FRAMES;
    message.transfer = this.transfer;
    // More may have been noted since its header was read.
    message.headerFault = rarities?.headerFault ?? null;
    message.notes.length = 0;
    if (rarities !== null) message.notes.push(...rarities.notes);
  }
}

function raritiesOf(dissection: Dissection): Rarities | null {
  const { message, status, error, integrity, verifierPlan, related } = dissection;
  const { notes, headerFault, frameCount, carriers } = message;
  const isPlain = notes.length === 0 && headerFault === null && frameCount === 1 && related.length === 0;
  if (isPlain && status === null && error === null && integrity === null && verifierPlan === null) return null;
  const { statusNumber, isPlainSuccess } = dissection;
  return {
    carriers: frameCount > 1 ? [...carriers] : [],
    notes: [...notes],
    headerFault,
    status,
    statusNumber,
    isPlainSuccess,
    error,
    integrity: integrity && moved(integrity, -message.start),
    verifierPlan,
    related,
  };
}

function moved(integrity: Integrity, by: number): Integrity {
  const { at, checksum } = integrity;
  return { ...integrity, at: at + by, checksum: checksum < 0 ? checksum : checksum + by };
}

/** Short copies are quicker in a loop than by a call into the engine. */
const LOOP_LENGTH = 64;

function copyInto(from: Uint8Array, start: number, to: Buffer, at: number, length: number): void {
  if (length > LOOP_LENGTH) to.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i];
}
