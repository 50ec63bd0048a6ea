/**
 * Keyed substitutes for bytes: of the same length, always the same for the same value, and without
 * information about it. Short values are permuted, so no two of them get the same substitute. Longer
 * ones are drawn from an HMAC of the whole value; two get the same one with a chance below 2^-60. The
 * permutation passes over the value twice, forwards and backwards. It shifts each character within its
 * alphabet by the encryption of the characters passed so far, so every character depends on every other.
 *
 * Values that consist of zero bits only, or one bits only, stay:
 * they have a meaning in protocols (no verifier, anonymous stateid).
 */
import { createCipheriv, createHmac } from 'node:crypto';

/** Values up to this many bytes are permuted; longer ones do not collide by chance. */
const PERMUTED = 8;
const BLOCK = 16;
const WORD_CHARACTERS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 'latin1');

/** The characters that a substitute may have; any other character of a value is treated as one of them. */
interface Alphabet {
  readonly size: number;
  indexOf(byte: number): number;
  at(index: number): number;
}

const ALL_BYTES: Alphabet = { size: 256, indexOf: (byte) => byte, at: (index) => index };

const WORD_INDEX = new Uint8Array(256);
WORD_CHARACTERS.forEach((byte, index) => {
  WORD_INDEX[byte] = index;
});
const WORDS: Alphabet = {
  size: WORD_CHARACTERS.length,
  indexOf: (byte) => WORD_INDEX[byte],
  at: (index) => WORD_CHARACTERS[index],
};

export class Scrambler {
  private readonly cipher;

  /** @param key 32 bytes. */
  constructor(private readonly key: Uint8Array) {
    this.cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  }

  /** The substitute of any bytes. */
  bytes(value: Uint8Array): Uint8Array {
    if (isUniform(value)) return Uint8Array.from(value);
    return value.length <= PERMUTED ? this.permute(value, ALL_BYTES) : this.stream('bytes', value);
  }

  /** A word of letters, digits, '-' and '_', whatever characters the original has. */
  word(value: Uint8Array): Uint8Array {
    if (value.length <= PERMUTED) return this.permute(value, WORDS);
    return this.stream('word', value).map((byte) => WORDS.at(byte % WORDS.size));
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
    const result = Uint8Array.from(value);
    for (let pass = 0; pass < 2; pass++) {
      let state = Buffer.alloc(BLOCK);
      for (let i = 0; i < result.length; i++) {
        const at = pass === 0 ? i : result.length - 1 - i;
        const original = result[at];
        state[0] ^= pass + 1;
        state[1] ^= result.length;
        state[2] ^= alphabet.size & 0xff;
        state = this.cipher.update(state);
        result[at] = alphabet.at(
          (alphabet.indexOf(original) + (state.readUInt32BE(4) % alphabet.size)) % alphabet.size,
        );
        state[3] ^= original;
      }
    }
    return result;
  }
}

/** True for nothing, and for zeros or ones only. */
function isUniform(value: Uint8Array): boolean {
  const first = value.length > 0 ? value[0] : 0;
  return (first === 0 || first === 0xff) && value.every((byte) => byte === first);
}
