/** Gives decompressors exact numbers of bytes out of chunks of any length. */
import { ByteQueue } from './byte-queue.js';
import { type Chunks, CompressionError } from './decompressor.js';

export class ChunkReader {
  private readonly queue = new ByteQueue();
  private readonly iterator: AsyncIterator<Uint8Array>;

  /** @param name The compression's name, for the error that the chunks ended too early. */
  constructor(
    chunks: Chunks,
    private readonly name: string,
  ) {
    this.iterator = chunks[Symbol.asyncIterator]();
  }

  /** Offset in the compressed file of the next byte. */
  get consumed(): number {
    return this.queue.consumed;
  }

  async isAtEnd(): Promise<boolean> {
    return this.queue.unread === 0 && !(await this.fill());
  }

  /** A copy of the next `length` bytes, which are consumed. */
  async take(length: number): Promise<Uint8Array> {
    const copy = await this.copy(length);
    this.advance(length);
    return copy;
  }

  /** A copy of the next `length` bytes. */
  async copy(length: number): Promise<Uint8Array> {
    while (this.queue.unread < length) await this.needMore();
    const { bytes, position } = this.queue;
    return new Uint8Array(bytes.subarray(position, position + length));
  }

  /**
   * Up to `length` of the next bytes, at least one, as a view that is valid until the next
   * call. `advance` consumes them.
   */
  async peek(length: number): Promise<Uint8Array> {
    if (this.queue.unread === 0) await this.needMore();
    const { bytes, position, limit } = this.queue;
    return bytes.subarray(position, Math.min(limit, position + length));
  }

  advance(length: number): void {
    this.queue.position += length;
  }

  /**
   * Moves behind the next byte, and on to where `isBeginning` finds one in the bytes from there on: at least `length` of
   * them. False: there is none up to the end.
   */
  async seek(length: number, isBeginning: (bytes: Uint8Array, at: number) => boolean): Promise<boolean> {
    const { queue } = this;
    if (!(await this.isAtEnd())) queue.position++;
    for (;;) {
      for (; queue.unread >= length; queue.position++) {
        if (isBeginning(queue.bytes, queue.position)) return true;
      }
      if (!(await this.fill())) return false;
    }
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const { length: step } = await this.peek(left);
      this.advance(step);
      left -= step;
    }
  }

  async close(): Promise<void> {
    await this.iterator.return?.();
  }

  private async needMore(): Promise<void> {
    if (!(await this.fill())) throw new CompressionError(`the ${this.name} stream is cut short`);
  }

  private async fill(): Promise<boolean> {
    const { done, value } = await this.iterator.next();
    if (done === true) return false;
    this.queue.append(value);
    return true;
  }
}
