/** Goes on with a compressed stream behind damage, where something begins that needs nothing of what was before. */
import { MAX_RESUMPTIONS } from '../limits/capture.js';
import { byteCount } from '../xdr/plural.js';
import type { ChunkReader } from './chunk-reader.js';
import { CompressionError } from './decompressor.js';

export class Recovery {
  private reason: string | null = null;
  private passedOver = 0;
  private hasGoneOn = false;
  /** Bytes and attempts since anything was decompressed. */
  private pending = 0;
  private attempts = 0;

  constructor(private readonly input: ChunkReader) {}

  /** The first reason is the one that is told. */
  note(reason: string): void {
    this.reason ??= reason;
  }

  /** Passes on the chunks of a part of the stream. */
  async *attempt(part: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of part) {
      if (this.attempts > 0) {
        this.passedOver += this.pending;
        this.pending = this.attempts = 0;
        this.hasGoneOn = true;
      }
      yield chunk;
    }
  }

  /**
   * Finds where to go on after `error`, which was thrown by a part of the stream.
   * @param length How many bytes `isBeginning` looks at.
   * @returns False: nowhere.
   * @throws Any other error than a CompressionError.
   */
  async resume(
    error: unknown,
    length: number,
    isBeginning: (bytes: Uint8Array, at: number) => boolean,
  ): Promise<boolean> {
    if (!(error instanceof CompressionError)) throw error;
    this.note(error.message);
    if (this.attempts++ === MAX_RESUMPTIONS) return false;
    const { consumed } = this.input;
    const isFound = await this.input.seek(length, isBeginning);
    this.pending += this.input.consumed - consumed;
    return isFound;
  }

  /** @throws CompressionError if anything was noted. */
  finish(): void {
    if (this.reason === null) return;
    const bytes = this.hasGoneOn ? `; ${byteCount(this.passedOver)} passed over, reading went on` : '';
    throw new CompressionError(this.reason + bytes);
  }
}
