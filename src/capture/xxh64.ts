/**
 * XXH64 with seed 0, the checksum of zstd frames (RFC 8878 §3.1.1; its reference [XXHASH] defines the algorithm). The
 * input is hashed in stripes of 32 bytes over four lanes of 64 bits. A lane is kept as two 32-bit words, because BigInt
 * would be slower than the decompressor.
 */
const STRIPE = 32;
const LANE = 8;

const PRIME1 = 0x9e3779b185ebca87n;
const PRIME2 = 0xc2b2ae3d27d4eb4fn;
const PRIME3 = 0x165667b19e3779f9n;
const PRIME4 = 0x85ebca77c2b2ae63n;
const PRIME5 = 0x27d4eb2f165667c5n;
const LOW1 = Number(PRIME1 & 0xffffffffn) | 0;
const HIGH1 = Number(PRIME1 >> 32n) | 0;
const LOW2 = Number(PRIME2 & 0xffffffffn) | 0;
const HIGH2 = Number(PRIME2 >> 32n) | 0;

export class Xxh64 {
  private readonly lanes = BigUint64Array.of(PRIME1 + PRIME2, PRIME2, 0n, -PRIME1);
  /** A view of `lanes`: of each lane the lower word, then the upper one. */
  private readonly words = new Int32Array(this.lanes.buffer);
  /** The bytes behind the last whole stripe. */
  private readonly rest = Buffer.alloc(STRIPE);
  private restLength = 0;
  private total = 0;

  add(bytes: Uint8Array): void {
    const filling = Math.min((STRIPE - this.restLength) % STRIPE, bytes.length);
    this.keep(bytes.subarray(0, filling));
    const end = bytes.length - ((bytes.length - filling) % STRIPE);
    this.addStripes(bytes, filling, end);
    this.keep(bytes.subarray(end));
    this.total += bytes.length;
  }

  /** The hash of all bytes added so far. */
  get digest(): bigint {
    let hash = this.total < STRIPE ? PRIME5 : this.merged();
    hash += BigInt(this.total);
    const { rest, restLength } = this;
    let at = 0;
    for (; at + LANE <= restLength; at += LANE) {
      hash = rotated(hash ^ rounded(rest.readBigUInt64LE(at)), 27n) * PRIME1 + PRIME4;
    }
    if (at + 4 <= restLength) {
      hash = rotated(hash ^ word(BigInt(rest.readUInt32LE(at)) * PRIME1), 23n) * PRIME2 + PRIME3;
      at += 4;
    }
    for (; at < restLength; at++) hash = rotated(hash ^ word(BigInt(rest[at]) * PRIME5), 11n) * PRIME1;
    return avalanched(word(hash));
  }

  /** Stores bytes that do not make a whole stripe, or that complete one. */
  private keep(bytes: Uint8Array): void {
    this.rest.set(bytes, this.restLength);
    this.restLength += bytes.length;
    if (this.restLength < STRIPE) return;
    this.addStripes(this.rest, 0, STRIPE);
    this.restLength = 0;
  }

  /** Lane by lane, so that the two words of a lane stay in registers. */
  private addStripes(bytes: Uint8Array, start: number, end: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let lane = 0; lane < 4; lane++) addLane(this.words, 2 * lane, view, start + LANE * lane, end);
  }

  private merged(): bigint {
    const [first, second, third, fourth] = this.lanes;
    let hash = rotated(first, 1n) + rotated(second, 7n) + rotated(third, 12n) + rotated(fourth, 18n);
    for (const lane of this.lanes) hash = (hash ^ rounded(lane)) * PRIME1 + PRIME4;
    return hash;
  }
}

/** `lane = rotate(lane + input * PRIME2, 31) * PRIME1`, for the input's lanes from `start` on. */
function addLane(words: Int32Array, index: number, view: DataView, start: number, end: number): void {
  let low = words[index];
  let high = words[index + 1];
  for (let at = start; at < end; at += STRIPE) {
    const inputLow = view.getInt32(at, true);
    const inputHigh = view.getInt32(at + 4, true);
    const addedLow = Math.imul(inputLow, LOW2);
    const addedHigh = upperProduct(inputLow, LOW2) + Math.imul(inputLow, HIGH2) + Math.imul(inputHigh, LOW2);
    low = (low + addedLow) | 0;
    high = (high + addedHigh + (low >>> 0 < addedLow >>> 0 ? 1 : 0)) | 0;
    const rotatedLow = (low << 31) | (high >>> 1);
    const rotatedHigh = (high << 31) | (low >>> 1);
    low = Math.imul(rotatedLow, LOW1);
    high = (upperProduct(rotatedLow, LOW1) + Math.imul(rotatedLow, HIGH1) + Math.imul(rotatedHigh, LOW1)) | 0;
  }
  words[index] = low;
  words[index + 1] = high;
}

/**
 * The upper word of the product of two unsigned words. Works on 16-bit halves, whose products
 * and carries fit into a word.
 */
function upperProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const other = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (other >>> 16)) | 0;
}

function word(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotated(value: bigint, bits: bigint): bigint {
  const unsigned = word(value);
  return word((unsigned << bits) | (unsigned >> (64n - bits)));
}

function rounded(input: bigint): bigint {
  return word(rotated(input * PRIME2, 31n) * PRIME1);
}

function avalanched(value: bigint): bigint {
  let hash = value;
  hash = word((hash ^ (hash >> 33n)) * PRIME2);
  hash = word((hash ^ (hash >> 29n)) * PRIME3);
  return hash ^ (hash >> 32n);
}
