/**
 * Calls that wait for their reply. Their bytes are gone when it comes, so they are copied, and with them what was found out about
 * the call: its summary and the names of its files are those of its own time. One object a call, used again. Where there is no room for
 * a call's bytes, only where it came from and what it called is kept, and a note says so.
 */
import type { Endpoint } from '../network/flow.js';
import { readHeader } from '../rpc/header.js';
import { CALL, type Fault, type Message } from '../rpc/message.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import type { Plan } from '../xdr/plan.js';
import type { ByteBlocks, Page } from './byte-blocks.js';
import type { BodyReason, Dissection, Dissector } from './dissector.js';
import { type FileName, NO_NAMES, namesOf } from './file-name-fields.js';
import type { Integrity } from './gss.js';
import type { Procedure } from './procedure.js';
import { NONE_RELATED, type Related } from './related.js';

export const DROPPED_NOTE = 'too many calls wait for their reply: the arguments were dropped';

const NO_BYTES = new Uint8Array(0);

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

export class KeptCall {
  private page: Page | null = null;
  private offset = 0;
  private summaryLength = 0;
  names: readonly FileName[] = NO_NAMES;
  private rarities: Rarities | null = null;

  // Of the message.
  private have = 0;
  private number = 0;
  private frame = 0;
  private firstFrame = 0;
  private frameCount = 1;
  private order = 0;
  private opening = -1;
  private seconds = 0;
  private nanoseconds = 0;
  private transfer = 0;
  private file = 0;
  private interfaceIndex = 0;
  private protocol = 0;
  private connection = 0;
  private length = 0;
  private mostLength = 0;
  private xid = 0;
  private program = -1;
  private version = -1;
  private procedureNumber = -1;
  private source!: Endpoint;
  private destination!: Endpoint;

  // Of the dissection; offsets count from the xid.
  private programName: string | undefined;
  private procedureName: string | undefined;
  private procedure: Procedure | null = null;
  private plan: Plan | null = null;
  private undecoded: BodyReason | null = null;
  private at = 0;
  private end = 0;
  private limit = 0;

  /** Keeps the call last dissected. */
  keep(dissection: Dissection, dissector: Dissector, blocks: ByteBlocks, options: KeepOptions): void {
    const { message, extent } = dissection;
    this.keepFacts(message);
    this.programName = dissection.programName;
    this.procedureName = dissection.procedureName;
    this.procedure = dissection.procedure;
    this.plan = options.bodies ? dissection.plan : null;
    this.undecoded = options.bodies ? dissection.undecoded : null;
    this.at = extent.at - message.start;
    this.end = extent.end - message.start;
    this.limit = extent.limit - message.start;
    this.rarities = raritiesOf(dissection);
    this.names = options.names && dissection.plan !== null ? namesOf(dissection, dissector) : NO_NAMES;
    scratch.length = 0;
    if (options.summaries) dissector.writeSummary(scratch);
    this.keepBytes(message, blocks, options.bodies || message.body < 0 ? message.end : message.body);
  }

  /** Fills in `dissection` and its message as they were. */
  restore(dissection: Dissection): void {
    const { message, extent } = dissection;
    const { page, rarities } = this;
    this.restoreMessage(message);
    dissection.programName = this.programName;
    dissection.procedureName = this.procedureName;
    dissection.procedure = this.procedure;
    dissection.plan = page === null ? null : this.plan;
    dissection.undecoded = page === null ? null : this.undecoded;
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
    const operations = dissection.plan === null ? null : this.procedure!.operations;
    dissection.compound = operations?.find(dissection.plan!, true, false, extent) ?? null;
    dissection.isWhole = dissection.compound?.isFilled ?? false;
  }

  /** Writes the procedure's name and the summary; the name alone where that was dropped. */
  writeSummary(out: ByteWriter): void {
    const { page, procedure, summaryLength } = this;
    if (summaryLength > 0) out.copy(page!.bytes, this.offset + this.have, this.offset + this.have + summaryLength);
    else if (procedure !== null) out.text(procedure.name);
  }

  /** Gives its bytes back. */
  release(blocks: ByteBlocks): void {
    if (this.page !== null) blocks.release(this.page, this.offset);
    this.page = null;
    this.names = NO_NAMES;
    this.rarities = null;
  }

  private keepFacts(message: Message): void {
    this.number = message.number;
    this.frame = message.frame;
    this.firstFrame = message.firstFrame;
    this.frameCount = message.frameCount;
    this.order = message.order;
    this.opening = message.opening;
    this.seconds = message.seconds;
    this.nanoseconds = message.nanoseconds;
    this.transfer = message.transfer;
    this.file = message.file;
    this.interfaceIndex = message.interfaceIndex;
    this.protocol = message.protocol;
    this.connection = message.connection;
    this.length = message.length;
    this.mostLength = message.mostLength;
    this.xid = message.xid;
    this.program = message.program;
    this.version = message.version;
    this.procedureNumber = message.procedure;
    this.source = message.source;
    this.destination = message.destination;
  }

  /** Copies the message's bytes up to `end`, and the text in `scratch` behind them. */
  private keepBytes({ bytes, start }: Message, blocks: ByteBlocks, end: number): void {
    this.have = end - start;
    this.page = blocks.take(this.have + scratch.length);
    this.offset = blocks.offset;
    this.summaryLength = this.page === null ? 0 : scratch.length;
    if (this.page === null) return;
    copyBytes(bytes, start, this.page.bytes, this.offset, this.have);
    copyBytes(scratch.bytes, 0, this.page.bytes, this.offset + this.have, scratch.length);
  }

  private restoreMessage(message: Message): void {
    const { page, rarities } = this;
    message.length = this.length;
    message.mostLength = this.mostLength;
    if (page !== null) {
      message.bytes = page.bytes;
      message.start = this.offset;
      message.end = this.offset + this.have;
      readHeader(message);
    } else this.restoreHeader(message);
    message.number = this.number;
    message.frame = this.frame;
    message.firstFrame = this.firstFrame;
    message.frameCount = this.frameCount;
    message.carriers = rarities?.carriers ?? [];
    message.order = this.order;
    message.opening = this.opening;
    message.seconds = this.seconds;
    message.nanoseconds = this.nanoseconds;
    message.transfer = this.transfer;
    message.file = this.file;
    message.interfaceIndex = this.interfaceIndex;
    message.protocol = this.protocol;
    message.connection = this.connection;
    message.source = this.source;
    message.destination = this.destination;
    message.headerFault = rarities?.headerFault ?? null;
    message.notes.length = 0;
    if (rarities !== null) message.notes.push(...rarities.notes);
    if (page === null) message.notes.push(DROPPED_NOTE);
  }

  /** What is known without the bytes. */
  private restoreHeader(message: Message): void {
    message.resetHeader();
    message.bytes = NO_BYTES;
    message.start = 0;
    // None of its bytes are there, but the capture had them: a note says it.
    message.end = this.length;
    message.xid = this.xid;
    message.type = CALL;
    message.program = this.program;
    message.version = this.version;
    message.procedure = this.procedureNumber;
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

function copyBytes(from: Uint8Array, start: number, to: Buffer, at: number, length: number): void {
  if (length > LOOP_LENGTH) to.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i];
}
