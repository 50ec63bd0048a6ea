/**
 * Finds the contents of files in READ and WRITE (NFS 2, 3 and 4 with READ_PLUS and WRITE_SAME, GlusterFS): the
 * file by its handle, the offset, and the bytes. Fields are found by their hints (`handle`, `data`) and names
 * (`offset`, `eof`, `size`), so a user's own `.x` that has them works too. Data of a WRITE are taken from the
 * call; data of a READ from the reply, at the offset that its call asked for. Retransmissions are ignored. In a
 * compound the handle is that of PUTFH, or the one that GETFH returns for a file that was opened or looked up.
 *
 * Of data that were captured in part, that part is taken. Transfers
 * whose handle or offset is unknown are counted in `unplaced`.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { Dissector } from '../dissect/dissector.js';
import type { Extent } from '../dissect/extent.js';
import type { Operation } from '../dissect/operation-shapes.js';
import type { Endpoint } from '../network/flow.js';
import { CALL, type Message } from '../rpc/message.js';
import { copyBytes, read32 } from '../xdr/bytes.js';
import { isData } from '../xdr/plan.js';
import { decodeTree } from '../xdr/tree.js';
import { type Decoded, noContext, type TreeNode } from '../xdr/tree-node.js';
import { dataBlocks, type Repetition } from './data-blocks.js';

export type TransferKind = 'read' | 'write';

/** A file on a server. */
export interface FileKey {
  server: Endpoint;
  handle: Uint8Array;
}

/** Receives what is found. Bytes are valid until the call returns; offsets are in bytes, exact up to 2^53. */
export interface TransferSink {
  isKnown(file: FileKey): boolean;
  /** The bytes were read or written at `offset`. */
  data(file: FileKey, kind: TransferKind, offset: number, bytes: Uint8Array, message: Message): void;
  /** The bytes, as many as the pattern has, were written at each place of the repetition. */
  same(file: FileKey, repetition: Repetition, bytes: Uint8Array, message: Message): void;
  /** READ_PLUS reported zeros (a hole) without sending bytes for them. */
  zeros(file: FileKey, offset: number, length: number, message: Message): void;
  /** The file had this size. */
  size(file: FileKey, size: number): void;
  /** The server refused a WRITE. */
  failed(file: FileKey): void;
}

/** The current file of a compound while its operations are walked; GETFH in the reply may set its handle later. */
interface Current {
  handle: Uint8Array | null;
}

/** The state that a reply needs from its call. */
interface Pending {
  index: number;
  name: string;
  current: Current;
  offset: number;
}

const READS: ReadonlySet<string> = new Set(['READ', 'READ_PLUS']);
const WRITES: ReadonlySet<string> = new Set(['WRITE', 'WRITE_SAME']);
const WANTED: ReadonlySet<string> = new Set([...READS, ...WRITES, 'GETATTR']);
/** Operations that change the current file to one whose handle the call does not contain. */
const LEADING_AWAY: ReadonlySet<string> = new Set(['PUTROOTFH', 'PUTPUBFH', 'LOOKUP', 'LOOKUPP', 'CREATE', 'OPENATTR']);

export class FileTransfers {
  /** Transfers of data without a known file or offset. */
  unplaced = 0;
  /** WRITE_SAMEs with block numbers, which are left out. */
  numbered = 0;
  private readonly pending = new Map<number, { server: Endpoint; steps: Pending[] }>();

  constructor(
    private readonly dissector: Dissector,
    private readonly sink: TransferSink,
  ) {}

  /** Must be called for every message, because replies need their calls; data are taken of selected messages only. */
  add(dissection: Dissection, isSelected: boolean): void {
    const { message } = dissection;
    if (message.retransmission !== null) return;
    // A new call takes the slot of an earlier exchange.
    if (message.type === CALL) this.pending.delete(message.exchange);
    if (!isWanted(dissection)) return;
    if (message.type === CALL) this.call(dissection, isSelected);
    else this.reply(dissection, isSelected);
  }

  private call(dissection: Dissection, isSelected: boolean): void {
    const { message, compound } = dissection;
    const server = message.destination;
    const steps =
      compound === null ? this.single(dissection, server, isSelected) : this.walk(dissection, server, isSelected);
    const isUseful = ({ name, current }: Pending) =>
      name !== 'GETATTR' || current.handle === null || this.sink.isKnown({ server, handle: current.handle });
    if (message.exchange >= 0 && steps.some((step) => step.name !== 'GETFH' && isUseful(step)))
      this.pending.set(message.exchange, { server, steps });
  }

  private single(dissection: Dissection, server: Endpoint, isSelected: boolean): Pending[] {
    const name = dissection.procedureName!;
    const decoded = this.dissector.decode();
    const handle = decoded?.root ? handleOf(decoded.root) : null;
    const step = { index: 0, name, current: { handle }, offset: offsetOf(decoded) };
    if (name === 'WRITE' && decoded !== null && isSelected) this.take(step, server, decoded, dissection, 'write');
    return [step];
  }

  /** Walks the operations of a compound in order. */
  private walk(dissection: Dissection, server: Endpoint, isSelected: boolean): Pending[] {
    const steps: Pending[] = [];
    let current: Current = { handle: null };
    let saved = current;
    dissection.compound!.operations.forEach((operation, index) => {
      const { name } = operation;
      if (name === 'SAVEFH') saved = current;
      else if (name === 'RESTOREFH') current = saved;
      else if (name === 'PUTFH') current = { handle: handleOf(decode(operation, dissection)?.root) };
      else if (LEADING_AWAY.has(name) || (name === 'OPEN' && isByName(operation, dissection)))
        current = { handle: null };
      else if (name === 'GETFH') steps.push({ index, name, current, offset: 0 });
      else if (WANTED.has(name)) {
        const decoded = name === 'GETATTR' ? null : decode(operation, dissection);
        const step = { index, name, current, offset: offsetOf(decoded) };
        steps.push(step);
        if (decoded === null || !isSelected) return;
        if (name === 'WRITE') this.take(step, server, decoded, dissection, 'write');
        if (name === 'WRITE_SAME') this.takeSame(step, server, decoded, dissection);
      }
    });
    return steps;
  }

  private reply(dissection: Dissection, isSelected: boolean): void {
    const { message, compound } = dissection;
    const pending = this.pending.get(message.exchange);
    if (pending === undefined) {
      // The call was cut before its READs.
      if (message.isAnswer) this.unplaced += compound?.operations.filter(isSuccessfulRead).length ?? 0;
      return;
    }
    // A reply with missing bytes does not close its exchange: a complete one may follow.
    if (message.isAnswer) this.pending.delete(message.exchange);
    const { server, steps } = pending;
    if (compound === null) return this.result(steps[0], server, this.dissector.decode(), dissection, isSelected);
    const { operations } = compound;
    for (const { index, name, current } of steps) {
      const operation = operations[index];
      if (name === 'GETFH' && operation?.name === name) current.handle = handleOf(decode(operation, dissection)?.root);
    }
    for (const step of steps) {
      const operation = operations[step.index];
      if (step.name === 'GETFH' || operation?.name !== step.name) continue;
      this.result(step, server, decode(operation, dissection), dissection, isSelected, operation.statusNumber !== 0);
    }
  }

  private result(
    step: Pending,
    server: Endpoint,
    decoded: Decoded | null,
    dissection: Dissection,
    isSelected: boolean,
    isError = dissection.error === true,
  ): void {
    const { handle } = step.current;
    if (isError) {
      if (WRITES.has(step.name) && handle !== null) this.sink.failed({ server, handle });
      return;
    }
    if (decoded === null) return;
    if (READS.has(step.name) && isSelected) this.take(step, server, decoded, dissection, 'read');
    if (handle === null || !this.sink.isKnown({ server, handle })) return;
    const size = numberOf(find(find(decoded.root, hasSize), ({ name }) => SIZE.test(name)));
    if (size !== undefined) this.sink.size({ server, handle }, size);
  }

  /** Passes on the data of a message, and the size of the file where the message reports its end. */
  private take(
    step: Pending,
    server: Endpoint,
    decoded: Decoded,
    { message, extent }: Dissection,
    kind: TransferKind,
  ): void {
    const { offset } = step;
    const { handle } = step.current;
    if (handle === null || offset < 0) {
      this.unplaced++;
      return;
    }
    const { sink } = this;
    const file = { server, handle };
    const pieces = piecesOf(decoded, extent);
    let end = offset;
    for (const { at = offset, start, stop, length } of pieces) {
      if (start < 0) sink.zeros(file, at, length, message);
      else sink.data(file, kind, at, extent.bytes.subarray(start, stop), message);
      end = at + length;
    }
    if (find(decoded.root, ({ name }) => EOF.test(name))?.value === true) sink.size(file, end);
  }

  /** Passes on the pattern of a WRITE_SAME. */
  private takeSame(step: Pending, server: Endpoint, decoded: Decoded, { message, extent }: Dissection): void {
    const { handle } = step.current;
    if (handle === null || step.offset < 0) {
      this.unplaced++;
      return;
    }
    const [piece] = piecesOf(decoded, extent);
    const field = (name: string) => numberOf(find(decoded.root, (node) => node.name === name));
    const { pattern, hasNumbers } = dataBlocks(field, piece === undefined ? 0 : piece.stop - piece.start);
    if (hasNumbers) this.numbered++;
    if (pattern === null) return;
    const bytes = extent.bytes.subarray(piece.start, piece.start + pattern.length);
    this.sink.same({ server, handle }, pattern, bytes, message);
  }
}

/**
 * Data in a message: `bytes[start..stop)` of `length`. `at` is the
 * offset from a field beside them, if any. `start` is -1 for zeros.
 */
interface Piece {
  at: number | undefined;
  start: number;
  stop: number;
  length: number;
}

const OFFSET = /^(\w+_)?offset$/;
const LENGTH = /^\w+_length$/;
const SIZE = /^(ia_)?size$/;
const EOF = /^(\w+_)?eof$/;

function isWanted({ compound, procedureName, plan, message }: Dissection): boolean {
  if (compound !== null) return compound.operations.some(({ name }) => WANTED.has(name));
  // The reply of a failed procedure has no body to decode, but a failed WRITE is counted.
  return WANTED.has(procedureName ?? '') && (plan !== null || message.type !== CALL);
}

function isSuccessfulRead({ name, statusNumber }: Operation): boolean {
  return READS.has(name) && statusNumber === 0;
}

function decode({ plan, at }: Operation, { extent }: Dissection): Decoded | null {
  if (plan === null) return null;
  return decodeTree(
    plan,
    { bytes: extent.bytes, start: at, end: extent.end, limit: extent.limit, context: noContext },
    '',
  );
}

/** True where OPEN names the file to open; otherwise it opens the current file itself. */
function isByName(operation: Operation, dissection: Dissection): boolean {
  const root = decode(operation, dissection)?.root ?? null;
  return find(root, ({ plan }) => 'role' in plan && plan.role === 'filename') !== null;
}

/** The first node that `is` accepts; null when there is none. */
function find(node: TreeNode | null, is: (node: TreeNode) => boolean): TreeNode | null {
  if (node === null || is(node)) return node;
  for (const child of node.children) {
    const found = find(child, is);
    if (found !== null) return found;
  }
  return null;
}

/** The first file handle in a tree, copied; null when there is none. */
function handleOf(root: TreeNode | null | undefined): Uint8Array | null {
  const node = find(root ?? null, ({ plan }) => plan.kind === 'opaque' && plan.role === 'handle');
  return node === null ? null : copyBytes(node.value as Uint8Array);
}

/**
 * True for attributes that hold the size of the file. Not for those from
 * before a WRITE (wcc_attr), nor for the size of what is read (GlusterFS).
 */
function hasSize({ children }: TreeNode): boolean {
  const has = (field: string) => children.some(({ name }) => name === field);
  return has('ia_size') || (has('size') && !has('op_ret') && (has('mode') || !has('mtime')));
}

function numberOf(node: TreeNode | null | undefined): number | undefined {
  const value = node?.value;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

/** -1 where there is none. */
function offsetOf(decoded: Decoded | null): number {
  return numberOf(find(decoded?.root ?? null, ({ name }) => OFFSET.test(name))) ?? -1;
}

function piecesOf(decoded: Decoded, extent: Extent): Piece[] {
  const pieces: Piece[] = [];
  if (decoded.root !== null) collect(decoded.root, pieces);
  const cut = cutPiece(decoded, extent);
  return cut === null ? pieces : [...pieces, cut];
}

/** Adds the data below a node; their offset and length are fields of the same struct. */
function collect(node: TreeNode, pieces: Piece[]): void {
  const { children } = node;
  const at = numberOf(children.find(({ name }) => OFFSET.test(name)));
  const length = numberOf(children.find(({ name }) => LENGTH.test(name)));
  const hasData = children.some(({ plan }) => isData(plan));
  if (at !== undefined && length !== undefined && !hasData) pieces.push({ at, start: -1, stop: -1, length });
  for (const child of children) {
    if (!isData(child.plan)) collect(child, pieces);
    else {
      const size = (child.value as Uint8Array).length;
      const start = child.plan.kind === 'opaque' && child.plan.length < 0 ? child.offset + 4 : child.offset;
      pieces.push({ at, start, stop: start + size, length: size });
    }
  }
}

/** The captured part of data whose end was not captured; null when none of it was. */
function cutPiece({ fault, root }: Decoded, { bytes, end, limit }: Extent): Piece | null {
  const name = /(?:^|\.)(\w*data|adb_pattern)$/.exec(fault?.path ?? '')?.[1];
  if (fault?.kind !== 'truncated' || name === undefined) return null;
  const isPayload = root?.plan.kind === 'struct' && root.plan.payload === name;
  const start = isPayload ? fault.offset : fault.offset + 4;
  if (start >= end) return null;
  const length = isPayload ? limit - start : read32(bytes, fault.offset);
  const around = lastStruct(root);
  const at = numberOf(around?.children.find((child) => OFFSET.test(child.name)));
  return { at, start, stop: Math.min(end, start + length), length };
}

/** The struct in which decoding ended. */
function lastStruct(node: TreeNode | null): TreeNode | null {
  const last = node?.children.at(-1);
  return (last && lastStruct(last)) ?? (node?.plan.kind === 'struct' ? node : null);
}
