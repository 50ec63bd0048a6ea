/**
 * A record mark (RFC 5531 §11): the last-fragment bit and the length of a fragment, in four bytes before it. They may be
 * split between segments, and a hole may have some of them.
 */
const LENGTH = 4;
const LAST_FRAGMENT = 1 << 31;

export class RecordMark {
  /** The bytes read so far, as the low ones of a signed word: of a whole mark, negative for a record's last fragment. */
  word = 0;
  /** How many bytes were read of a mark that is not whole yet. */
  bytesRead = 0;

  /** Reads as many bytes as there are and the mark needs. Returns where the fragment begins; -1: the mark is not whole. */
  read(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; ) {
      this.word = (this.word << 8) | bytes[at++];
      if (++this.bytesRead < LENGTH) continue;
      this.bytesRead = 0;
      return at;
    }
    return -1;
  }

  /** The bytes of a whole mark. */
  get bytes(): Buffer {
    const bytes = Buffer.alloc(LENGTH);
    bytes.writeInt32BE(this.word);
    return bytes;
  }

  /**
   * The bytes up to the end of a hole of `missing` bytes, if that ends within the mark: those that are missing are taken as
   * in the mark of a short record of one fragment.
   */
  presume(missing: number): Buffer | undefined {
    const { bytesRead, word } = this;
    if (bytesRead + missing >= LENGTH) return undefined;
    const bytes = Buffer.alloc(LENGTH);
    bytes.writeInt32BE(bytesRead === 0 ? LAST_FRAGMENT : word << (8 * (LENGTH - bytesRead)));
    return bytes.subarray(0, bytesRead + missing);
  }
}
