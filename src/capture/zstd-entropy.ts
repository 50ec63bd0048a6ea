/**
 * The entropy coding of Zstandard (RFC 8878 §4): tables of finite-state entropy (FSE) and Huffman codes, and the bit
 * streams of both, which are read from the last bit to the first. Every table is bounded, so work and memory are linear
 * in the input. Missing bits read as zeros, until the reader finds that it went too far.
 */
import { CompressionError } from './decompressor.js';

/** By state: its symbol, and how many bits to read and add to `base` for the next state. */
export interface FseTable {
  log: number;
  symbols: Uint8Array;
  bits: Uint8Array;
  bases: Uint16Array;
}

/**
 * For each possible value of the next `log` bits: the symbol (low byte) and how many of the bits it uses (high byte).
 */
export interface HuffmanTable {
  log: number;
  entries: Uint16Array;
}

const MAX_HUFFMAN_LOG = 11;
const MAX_WEIGHT_LOG = 6;
const MAX_WEIGHTS = 255;

export function damaged(what: string): CompressionError {
  return new CompressionError(`the zstd stream is damaged: ${what}`);
}

/**
 * Reads `bytes[start..end)` from the last bit to the first. The highest set bit of the last byte
 * is the mark where they begin.
 */
export class BackwardBits {
  /** Bits left; negative once more were read than exist. */
  left: number;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly start: number,
    end: number,
  ) {
    const last = end > start ? bytes[end - 1] : 0;
    if (last === 0) throw damaged('a bit stream without its end mark');
    this.left = (end - start) * 8 - (Math.clz32(last) - 23);
  }

  /** Reads up to 24 bits. */
  read(count: number): number {
    this.left -= count;
    return (this.left < 0 ? this.beforeFirst(this.left) : this.from(this.left)) & ((1 << count) - 1);
  }

  /** Reads up to 31 bits. */
  readLong(count: number): number {
    if (count <= 24) return this.read(count);
    const upper = this.read(count - 16);
    return upper * 0x10000 + this.read(16);
  }

  /** At least 25 bits from bit `position` (0 or more) upward. */
  from(position: number): number {
    const { bytes } = this;
    const at = this.start + (position >> 3);
    return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> (position & 7);
  }

  /** The same from a negative position: missing bits are zeros. */
  beforeFirst(position: number): number {
    return position < -24 ? 0 : this.from(0) << -position;
  }
}

/** Reads the table description at `bytes[at..end)` (RFC 8878 §4.1.1); also returns where it ends. */
export function readFseTable(
  bytes: Uint8Array,
  at: number,
  end: number,
  maxLog: number,
  maxSymbol: number,
): { table: FseTable; end: number } {
  const counts: number[] = [];
  const log = (bytes[at] & 15) + 5;
  if (log > maxLog) throw damaged('a table of too many states');
  let position = 4;
  let remaining = (1 << log) + 1;
  while (remaining > 1) {
    if (counts.length > maxSymbol || at + (position >> 3) >= end) throw damaged('a table that does not end');
    const width = 32 - Math.clz32(remaining);
    const value = forwardBits(bytes, at, position) & ((1 << width) - 1);
    // The code is shortened: the `spare` smallest values take one bit less.
    const spare = (1 << width) - 1 - remaining;
    const low = value & ((1 << (width - 1)) - 1);
    const isShort = low < spare;
    const code = isShort ? low : value >= 1 << (width - 1) ? value - spare : value;
    position += isShort ? width - 1 : width;
    counts.push(code - 1);
    remaining -= Math.abs(code - 1);
    if (code === 1) position = readZeros(bytes, at, position, counts);
  }
  const tableEnd = at + ((position + 7) >> 3);
  if (remaining !== 1 || counts.length > maxSymbol + 1 || tableEnd > end) throw damaged('a table of wrong sum');
  return { table: buildFseTable(counts, log), end: tableEnd };
}

/**
 * Behind a symbol with probability 0, two-bit numbers say how many more such symbols follow; 3
 * means that another number follows.
 */
function readZeros(bytes: Uint8Array, at: number, from: number, counts: number[]): number {
  let position = from;
  for (let repeat = 3; repeat === 3 && counts.length <= MAX_WEIGHTS; position += 2) {
    repeat = forwardBits(bytes, at, position) & 3;
    for (let i = 0; i < repeat; i++) counts.push(0);
  }
  return position;
}

function forwardBits(bytes: Uint8Array, start: number, position: number): number {
  const at = start + (position >> 3);
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)) >> (position & 7);
}

/**
 * Builds a table from the number of states of each symbol; -1 stands for "less than one",
 * which gets one state at the end.
 */
export function buildFseTable(counts: readonly number[], log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  spread(counts, symbols);
  const next = counts.map(Math.abs);
  for (let state = 0; state < size; state++) {
    const number = next[symbols[state]]++;
    bits[state] = log - (31 - Math.clz32(number));
    bases[state] = (number << bits[state]) - size;
  }
  return { log, symbols, bits, bases };
}

function spread(counts: readonly number[], symbols: Uint8Array): void {
  const size = symbols.length;
  let high = size - 1;
  counts.forEach((count, symbol) => {
    if (count === -1) symbols[high--] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i++) {
      symbols[position] = symbol;
      do position = (position + step) & (size - 1);
      while (position > high);
    }
  });
}

/** A table of one symbol, which takes no bits. */
export function singleSymbolTable(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) };
}

/** Reads the Huffman tree description at `bytes[at..end)` (RFC 8878 §4.2.1); also returns where it ends. */
export function readHuffmanTable(bytes: Uint8Array, at: number, end: number): { table: HuffmanTable; end: number } {
  const header = bytes[at];
  const isDirect = header >= 128;
  const treeEnd = at + 1 + (isDirect ? (header - 126) >> 1 : header);
  if (treeEnd > end) throw damaged('a Huffman tree that does not end');
  const weights = isDirect ? directWeights(bytes, at + 1, header - 127) : fseWeights(bytes, at + 1, treeEnd);
  return { table: buildHuffmanTable(weights), end: treeEnd };
}

function directWeights(bytes: Uint8Array, at: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const pair = bytes[at + (index >> 1)];
    return index % 2 === 0 ? pair >> 4 : pair & 15;
  });
}

/** Two states alternate until the bits are used up; the symbol of the other state is then the last weight. */
function fseWeights(bytes: Uint8Array, at: number, end: number): number[] {
  const { table, end: tableEnd } = readFseTable(bytes, at, end, MAX_WEIGHT_LOG, MAX_HUFFMAN_LOG + 1);
  const stream = new BackwardBits(bytes, tableEnd, end);
  const weights: number[] = [];
  let state = stream.read(table.log);
  let other = stream.read(table.log);
  while (weights.length < MAX_WEIGHTS) {
    weights.push(table.symbols[state]);
    const next = table.bases[state] + stream.read(table.bits[state]);
    if (stream.left < 0 && weights.length < MAX_WEIGHTS) return [...weights, table.symbols[other]];
    state = other;
    other = next;
  }
  throw damaged('a Huffman tree of too many symbols');
}

/**
 * The last weight is not transmitted: it completes the tree. A symbol of weight w has 2^(w-1)
 * entries; the lightest come first.
 */
function buildHuffmanTable(weights: number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) sum += weight === 0 ? 0 : 1 << (weight - 1);
  const log = 32 - Math.clz32(sum);
  const left = (1 << log) - sum;
  if (sum === 0 || log > MAX_HUFFMAN_LOG || (left & (left - 1)) !== 0) throw damaged('a Huffman tree of wrong sum');
  const all = [...weights, 32 - Math.clz32(left)];
  const entries = new Uint16Array(1 << log);
  let at = 0;
  for (let weight = 1; weight <= log; weight++) {
    all.forEach((own, symbol) => {
      if (own !== weight) return;
      entries.fill(((log + 1 - weight) << 8) | symbol, at, at + (1 << (weight - 1)));
      at += 1 << (weight - 1);
    });
  }
  return { log, entries };
}

/** Decodes `output[from..to)` from the stream `bytes[start..end)`, which must hold exactly that many symbols. */
export function decodeHuffman(
  table: HuffmanTable,
  bytes: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  from: number,
  to: number,
): void {
  const { log, entries } = table;
  const mask = (1 << log) - 1;
  const stream = new BackwardBits(bytes, start, end);
  let { left } = stream;
  let at = from;
  for (; at < to && left >= log; at++) {
    const entry = entries[stream.from(left - log) & mask];
    output[at] = entry;
    left -= entry >> 8;
  }
  for (; at < to && left > 0; at++) {
    const entry = entries[stream.beforeFirst(left - log) & mask];
    output[at] = entry;
    left -= entry >> 8;
  }
  if (left !== 0 || at !== to) throw damaged('Huffman codes that do not end with their stream');
}
