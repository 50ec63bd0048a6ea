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

  async isAtEnd(): Promise<boolean> {
    return this.queue.unread === 0 && !(await this.fill());
  }

  /** A copy of the next `length` bytes. */
  async take(length: number): Promise<Uint8Array> {
    while (this.queue.unread < length) await this.needMore();
    const { bytes, position } = this.queue;
    this.queue.position += length;
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
