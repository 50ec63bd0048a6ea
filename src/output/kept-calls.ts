/**
 * Calls that wait for their reply, as the text that was made of them: an exchange is written when its reply comes, and then the
 * call's bytes are gone. What is kept is bounded; beyond it, a call keeps only what its writer calls its least.
 */
import { MAX_KEPT_CALLS } from '../limits.js';
import type { ByteWriter } from '../xdr/byte-writer.js';

export class KeptCall {
  constructor(
    readonly bytes: Buffer,
    private readonly ends: readonly number[],
    /** Bytes of styles in the text. */
    readonly escapes: number,
  ) {}

  /** Writes one of the parts that the text was made of. */
  write(out: ByteWriter, part: number): void {
    out.copy(this.bytes, part === 0 ? 0 : this.ends[part - 1], this.ends[part]);
  }

  part(part: number): Buffer {
    return this.bytes.subarray(part === 0 ? 0 : this.ends[part - 1], this.ends[part]);
  }
}

export class KeptCalls {
  private readonly calls = new Map<number, KeptCall>();
  private total = 0;

  constructor(private readonly bound = MAX_KEPT_CALLS) {}

  /** True when as many bytes more can be kept. */
  hasRoom(length: number): boolean {
    return this.total + length <= this.bound;
  }

  /** Keeps the text of a call, all that is in `text`; `ends` says where its parts end. */
  keep(exchange: number, text: ByteWriter, ends: readonly number[], escapes = 0): void {
    this.take(exchange);
    this.calls.set(exchange, new KeptCall(Buffer.from(text.bytes.subarray(0, text.length)), ends, escapes));
    this.total += text.length;
  }

  /** Gives the text of a call, and forgets it. */
  take(exchange: number): KeptCall | undefined {
    const kept = this.calls.get(exchange);
    if (kept === undefined) return undefined;
    this.calls.delete(exchange);
    this.total -= kept.bytes.length;
    return kept;
  }
}
