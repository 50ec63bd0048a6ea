/**
 * Keyed substitutes for bytes: of the same length, always the same for the same value, and without information
 * about it. Values of up to eight characters are permuted, so no two of them get the same substitute: a Feistel
 * network of ten rounds, whose two halves are the upper and the lower bits of all characters. Longer values, and
 * words with characters outside of the alphabet, are drawn from an HMAC of the whole value. Two of these get the
 * same one with a chance of 2^-6 for each character of a word, and of 2^-8 for each other byte.
 *
 * Values that consist of zero bits only, or one bits only, stay:
 * they have a meaning in protocols (no verifier, anonymous stateid).
 */
import { createCipheriv, createHmac } from 'node:crypto';

/** Values up to this many bytes are permuted; longer ones do not collide by chance. */
const PERMUTED = 8;
const BLOCK = 16;
const ROUNDS = 10;
const WORD_CHARACTERS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 'latin1');

/** The characters that a substitute may have. */
interface Alphabet {
  /** Half of the bits of an index. */
  readonly halfBits: number;
  indexOf(byte: number): number;
  at(index: number): number;
}

const ALL_BYTES: Alphabet = { halfBits: 4, indexOf: (byte) => byte, at: (index) => index };

const NO_WORD_CHARACTER = 0xff;
const WORD_INDEX = new Uint8Array(256).fill(NO_WORD_CHARACTER);
WORD_CHARACTERS.forEach((byte, index) => {
  WORD_INDEX[byte] = index;
});
const WORDS: Alphabet = { halfBits: 3, indexOf: (byte) => WORD_INDEX[byte], at: (index) => WORD_CHARACTERS[index] };

export class Scrambler {
  private readonly cipher;

  /** @param key 32 bytes. */
  constructor(private readonly key: Uint8Array) {
    this.cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  }

  /** The substitute of any bytes. */
  bytes(value: Uint8Array): Uint8Array {
    if (isUniform(value)) return Uint8Array.from(value);
    if (value.length > PERMUTED) return this.stream('bytes', value);
    // Uniform values stand for themselves, so no other may become one of them.
    let result = value;
    do result = this.permute(result, ALL_BYTES);
    while (isUniform(result));
    return result;
  }

  /** A word of letters, digits, '-' and '_', whatever characters the original has. */
  word(value: Uint8Array): Uint8Array {
    if (value.length <= PERMUTED && value.every(isWordCharacter)) return this.permute(value, WORDS);
    return this.stream('word', value).map((byte) => WORDS.at(byte % WORD_CHARACTERS.length));
  }

  /** `count` pseudo-random bytes, always the same for a name. */
  chance(name: string, count: number): Uint8Array {
    return this.stream(name, new Uint8Array(count));
  }

  private stream(kind: string, value: Uint8Array): Uint8Array {
    const seed = createHmac('sha256', this.key).update(kind).update('\0').update(value).digest();
    if (value.length <= seed.length) return Uint8Array.from(seed.subarray(0, value.length));
    const cipher = createCipheriv('aes-256-ctr', seed, Buffer.alloc(BLOCK));
    return Uint8Array.from(cipher.update(new Uint8Array(value.length)));
  }

  private permute(value: Uint8Array, alphabet: Alphabet): Uint8Array {
    const { halfBits } = alphabet;
    const { length } = value;
    const mask = (1 << halfBits) - 1;
    let upper = 0;
    let lower = 0;
    for (const byte of value) {
      const index = alphabet.indexOf(byte);
      upper = (upper << halfBits) | (index >> halfBits);
      lower = (lower << halfBits) | (index & mask);
    }
    const block = Buffer.alloc(BLOCK);
    block[1] = length;
    block[2] = halfBits;
    for (let round = 0; round < ROUNDS; round++) {
      block[0] = round;
      block.writeInt32BE(lower, 4);
      const chance = this.cipher.update(block).readUInt32BE() >>> (32 - halfBits * length);
      [upper, lower] = [lower, upper ^ chance];
    }
    const result = new Uint8Array(length);
    for (let i = length - 1; i >= 0; i--) {
      result[i] = alphabet.at(((upper & mask) << halfBits) | (lower & mask));
      upper >>>= halfBits;
      lower >>>= halfBits;
    }
    return result;
  }
}

function isWordCharacter(byte: number): boolean {
  return WORD_INDEX[byte] !== NO_WORD_CHARACTER;
}

/** True for nothing, and for zeros or ones only. */
function isUniform(value: Uint8Array): boolean {
  const first = value.length > 0 ? value[0] : 0;
  return (first === 0 || first === 0xff) && value.every((byte) => byte === first);
}
