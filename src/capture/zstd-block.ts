/**
 * Decodes the blocks of one Zstandard frame (RFC 8878 §3.1.1.2 to §3.1.1.5) into a sliding window. A block is literals,
 * then sequences, each of which says "copy so many literals, then so many bytes from so far back". Every length is
 * checked before it is used, so that the work for a block is bounded by its input and output, each 128 KiB at most.
 */
import { uint16le } from './byte-order.js';
import {
  BackwardBits,
  buildFseTable,
  damaged,
  decodeHuffman,
  type FseTable,
  type HuffmanTable,
  readFseTable,
  readHuffmanTable,
  singleSymbolTable,
} from './zstd-entropy.js';

export const MAX_ZSTD_BLOCK = 128 * 1024;

/** Zero bytes behind a block, because the bit readers read whole words. */
const PADDING = 8;
/** How many bytes are decoded before the window slides: as many as the window holds, within these bounds. */
const SMALLEST_SLACK = 1024 * 1024;
const LARGEST_SLACK = 16 * 1024 * 1024;

export const RAW_BLOCK = 0;
export const RLE_BLOCK = 1;
export const COMPRESSED_BLOCK = 2;

const RLE_LITERALS = 1;
const FIRST_CODED_LITERALS = 2;
const PREDEFINED_TABLE = 0;
const RLE_TABLE = 1;
const COMPRESSED_TABLE = 2;

/** The meaning of a code: a baseline, plus the value of so many extra bits. */
interface Codes {
  baselines: Uint32Array;
  bits: Uint8Array;
  maxLog: number;
  predefined: FseTable;
}

const LITERAL_LENGTHS = lengthCodes(
  0,
  16,
  [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
);
const MATCH_LENGTHS = lengthCodes(
  3,
  32,
  [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  [1, 4, 3, 2, 2, 2, 2, 2, 2, ...Array<number>(37).fill(1), -1, -1, -1, -1, -1, -1, -1],
);
const OFFSETS: Codes = {
  baselines: Uint32Array.from({ length: 32 }, (_, code) => 2 ** code),
  bits: Uint8Array.from({ length: 32 }, (_, code) => code),
  maxLog: 8,
  predefined: buildFseTable([1, 1, 1, 1, 1, 1, 2, 2, 2, ...Array<number>(15).fill(1), -1, -1, -1, -1, -1], 5),
};

/**
 * RFC 8878 §3.1.1.3.2.1.1: the first `plain` codes are single lengths, the others ranges,
 * each continuing the one before.
 */
function lengthCodes(first: number, plain: number, extraBits: number[], counts: number[]): Codes {
  const bits = Uint8Array.from([...Array<number>(plain).fill(0), ...extraBits]);
  const baselines = new Uint32Array(bits.length);
  let baseline = first;
  bits.forEach((extra, code) => {
    baselines[code] = baseline;
    baseline += 2 ** extra;
  });
  return { baselines, bits, maxLog: 9, predefined: buildFseTable(counts, 6) };
}

export class ZstdFrameDecoder {
  private history = Buffer.alloc(0);
  private end = 0;
  private readonly block = new Uint8Array(MAX_ZSTD_BLOCK + PADDING);
  private readonly literals = new Uint8Array(MAX_ZSTD_BLOCK);
  private huffman: HuffmanTable | undefined;
  private readonly tables: (FseTable | undefined)[] = [];
  private readonly repeated = [1, 4, 8];

  /** @param window How far back the frame may refer, in bytes. */
  constructor(private readonly window: number) {}

  /** Decodes a block; `size` is the Block_Size of its header. The result is valid until the next block. */
  decode(type: number, size: number, body: Uint8Array): Uint8Array {
    this.makeRoom();
    const start = this.end;
    if (type === COMPRESSED_BLOCK) this.decodeCompressed(body);
    else {
      if (type === RLE_BLOCK) this.history.fill(body[0], start, start + size);
      else this.history.set(body, start);
      this.end += size;
    }
    return this.history.subarray(start, this.end);
  }

  /** The buffer grows with what is decoded: a frame that claims a large window must fill it to get it. */
  private makeRoom(): void {
    const largest = this.window + Math.max(SMALLEST_SLACK, Math.min(this.window, LARGEST_SLACK));
    while (this.history.length - this.end < MAX_ZSTD_BLOCK) {
      if (this.history.length < largest) this.grow(Math.min(largest, 2 * this.history.length + SMALLEST_SLACK));
      else this.slide();
    }
  }

  private grow(length: number): void {
    const grown = Buffer.allocUnsafeSlow(length);
    this.history.copy(grown, 0, 0, this.end);
    this.history = grown;
  }

  private slide(): void {
    const from = Math.max(0, this.end - this.window);
    this.history.copyWithin(0, from, this.end);
    this.end -= from;
  }

  private decodeCompressed(body: Uint8Array): void {
    const { block } = this;
    block.set(body);
    block.fill(0, body.length, body.length + PADDING);
    const { at, count } = this.readLiterals(body.length);
    this.readSequences(at, body.length, count);
  }

  /** Fills `literals`. Returns where the sequences begin, and how many literals there are. */
  private readLiterals(end: number): { at: number; count: number } {
    const { block } = this;
    const type = block[0] & 3;
    const format = (block[0] >> 2) & 3;
    if (type >= FIRST_CODED_LITERALS) return this.readCodedLiterals(type === FIRST_CODED_LITERALS, format, end);
    const headerLength = format === 1 ? 2 : format === 3 ? 3 : 1;
    const header = block[0] | (block[1] << 8) | (block[2] << 16);
    const count = headerLength === 1 ? block[0] >> 3 : (header & (2 ** (8 * headerLength) - 1)) >> 4;
    const length = type === RLE_LITERALS ? 1 : count;
    if (count > MAX_ZSTD_BLOCK || headerLength + length > end) throw damaged('literals longer than their block');
    if (type === RLE_LITERALS) this.literals.fill(block[headerLength], 0, count);
    else this.literals.set(block.subarray(headerLength, headerLength + count));
    return { at: headerLength + length, count };
  }

  private readCodedLiterals(hasTree: boolean, format: number, end: number): { at: number; count: number } {
    const { block } = this;
    const headerLength = format < 2 ? 3 : format + 2;
    const width = format < 2 ? 10 : 4 * format + 6;
    // Up to 40 bits: type, format, and two lengths of `width` bits each.
    const header = (uint16le(block, 0) + uint16le(block, 2) * 0x10000 + block[4] * 2 ** 32) / 16;
    const count = Math.floor(header) % 2 ** width;
    const length = Math.floor(header / 2 ** width) % 2 ** width;
    const streamsEnd = headerLength + length;
    if (count > MAX_ZSTD_BLOCK || streamsEnd > end) throw damaged('literals longer than their block');
    const start = hasTree ? this.readTree(headerLength, streamsEnd) : headerLength;
    if (this.huffman === undefined) throw damaged('literals without a Huffman tree');
    if (format === 0) decodeHuffman(this.huffman, block, start, streamsEnd, this.literals, 0, count);
    else this.decodeFourStreams(this.huffman, start, streamsEnd, count);
    return { at: streamsEnd, count };
  }

  private readTree(at: number, end: number): number {
    const { table, end: treeEnd } = readHuffmanTable(this.block, at, end);
    this.huffman = table;
    return treeEnd;
  }

  private decodeFourStreams(table: HuffmanTable, at: number, end: number, count: number): void {
    const { block } = this;
    const share = (count + 3) >> 2;
    let start = at + 6;
    for (let stream = 0; stream < 4; stream++) {
      const isLast = stream === 3;
      const streamEnd = isLast ? end : start + uint16le(block, at + 2 * stream);
      if (streamEnd > end || 3 * share > count) throw damaged('literals longer than their block');
      decodeHuffman(
        table,
        block,
        start,
        streamEnd,
        this.literals,
        stream * share,
        isLast ? count : (stream + 1) * share,
      );
      start = streamEnd;
    }
  }

  private readSequences(from: number, end: number, literalCount: number): void {
    const { block } = this;
    if (from >= end) throw damaged('a block without sequences');
    const first = block[from];
    let count = first;
    let at = from + 1;
    if (first === 255) {
      count = uint16le(block, at) + 0x7f00;
      at += 2;
    } else if (first >= 128) count = ((first - 128) << 8) | block[at++];
    if (count === 0) this.copyLiterals(0, literalCount, this.end + MAX_ZSTD_BLOCK);
    else this.decodeSequences(count, at, end, literalCount);
  }

  private decodeSequences(count: number, from: number, end: number, literalCount: number): void {
    const modes = this.block[from];
    if ((modes & 3) !== 0) throw damaged('a reserved bit is set');
    let at = this.readTable(0, LITERAL_LENGTHS, modes >> 6, from + 1, end);
    at = this.readTable(1, OFFSETS, (modes >> 4) & 3, at, end);
    at = this.readTable(2, MATCH_LENGTHS, (modes >> 2) & 3, at, end);
    if (at >= end) throw damaged('a block without its sequences');
    this.followSequences(count, new BackwardBits(this.block, at, end), literalCount);
  }

  /** Sets one of the three tables. Returns where its description ends. */
  private readTable(index: number, codes: Codes, mode: number, at: number, end: number): number {
    if (mode === PREDEFINED_TABLE) this.tables[index] = codes.predefined;
    else if (mode === RLE_TABLE) {
      if (this.block[at] >= codes.bits.length) throw damaged('a code that does not exist');
      this.tables[index] = singleSymbolTable(this.block[at]);
      return at + 1;
    } else if (mode === COMPRESSED_TABLE) {
      const read = readFseTable(this.block, at, end, codes.maxLog, codes.bits.length - 1);
      this.tables[index] = read.table;
      return read.end;
    } else if (this.tables[index] === undefined) throw damaged('a table that was never written');
    return at;
  }

  /** RFC 8878 §3.1.1.4. */
  private followSequences(count: number, stream: BackwardBits, literalCount: number): void {
    const [lengths, offsets, matches] = this.tables as FseTable[];
    const limit = this.end + MAX_ZSTD_BLOCK;
    let literalsAt = 0;
    let lengthState = stream.read(lengths.log);
    let offsetState = stream.read(offsets.log);
    let matchState = stream.read(matches.log);
    for (let left = count; left > 0; left--) {
      const offsetCode = offsets.symbols[offsetState];
      const matchCode = matches.symbols[matchState];
      const lengthCode = lengths.symbols[lengthState];
      const offsetValue = OFFSETS.baselines[offsetCode] + stream.readLong(offsetCode);
      const matchLength = MATCH_LENGTHS.baselines[matchCode] + stream.read(MATCH_LENGTHS.bits[matchCode]);
      const literalLength = LITERAL_LENGTHS.baselines[lengthCode] + stream.read(LITERAL_LENGTHS.bits[lengthCode]);
      if (stream.left < 0) throw damaged('sequences longer than their stream');
      if (literalLength > literalCount - literalsAt) throw damaged('sequences of more literals than there are');
      this.copyLiterals(literalsAt, literalsAt + literalLength, limit);
      literalsAt += literalLength;
      this.copyMatch(this.distance(offsetValue, literalLength), matchLength, limit);
      if (left > 1) {
        lengthState = lengths.bases[lengthState] + stream.read(lengths.bits[lengthState]);
        matchState = matches.bases[matchState] + stream.read(matches.bits[matchState]);
        offsetState = offsets.bases[offsetState] + stream.read(offsets.bits[offsetState]);
      }
    }
    if (stream.left !== 0) throw damaged('sequences shorter than their stream');
    this.copyLiterals(literalsAt, literalCount, limit);
  }

  /** How far back a match begins. Offset values 1 to 3 refer to the last three distances (RFC 8878 §3.1.1.5). */
  private distance(value: number, literalLength: number): number {
    const { repeated } = this;
    const index = literalLength === 0 ? value : value - 1;
    const distance = value > 3 ? value - 3 : index === 3 ? repeated[0] - 1 : repeated[index];
    if (value <= 3 && index === 0) return distance;
    if (value > 3 || index >= 2) repeated[2] = repeated[1];
    repeated[1] = repeated[0];
    repeated[0] = distance;
    return distance;
  }

  private copyLiterals(from: number, to: number, limit: number): void {
    const { history, literals } = this;
    if (this.end + to - from > limit) throw damaged('a block longer than 128 KiB');
    if (to - from > 32) history.set(literals.subarray(from, to), this.end);
    else for (let i = from, at = this.end; i < to; i++, at++) history[at] = literals[i];
    this.end += to - from;
  }

  /** A match may overlap its own output; then it repeats. */
  private copyMatch(distance: number, length: number, limit: number): void {
    const { history, end } = this;
    if (distance > end || distance <= 0) throw damaged('a match from before the beginning');
    if (end + length > limit) throw damaged('a block longer than 128 KiB');
    const from = end - distance;
    if (distance >= length && length > 32) history.copyWithin(end, from, from + length);
    else for (let i = 0; i < length; i++) history[end + i] = history[from + i];
    this.end = end + length;
  }
}
