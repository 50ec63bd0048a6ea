/**
 * A connection at rest: all that is known of a connection with nothing pending, packed into a string of
 * bytes. Of a hundred thousand known connections, few are heard of within the next thousand packets; as
 * objects each takes 2 KiB, at rest 100 bytes.
 *
 * One call both writes and reads: it writes the value and returns it, or ignores the value and returns the next one. So
 * each class lists the fields that it keeps once (`keepAtRest`).
 */

/** Grows: the largest connections have the undecided bytes of two scans (`record-scan.ts`), some 450 each. */
let buffer = Buffer.alloc(1024);
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

export class Rest {
  private at = 0;

  /** @param text A connection to read; null: writes one. */
  constructor(private readonly text: string | null = null) {}

  /** The text of all that was written. */
  toString(): string {
    return buffer.toString('latin1', 0, this.at);
  }

  /** An integer of up to 52 bits and a sign, with seven bits in each byte, so that a small one takes one byte. */
  integer(value: number): number {
    if (this.text !== null) return this.readInteger(this.text);
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.write((rest % 128) | 128);
    this.write(rest);
    return value;
  }

  flag(value: boolean): boolean {
    return this.integer(value ? 1 : 0) !== 0;
  }

  integerOrNull(value: number | null): number | null {
    return this.flag(value !== null) ? this.integer(value ?? 0) : null;
  }

  double(value: number): number {
    double[0] = value;
    for (let i = 0; i < doubleBytes.length; i++) doubleBytes[i] = this.byte(doubleBytes[i]);
    return double[0];
  }

  bytes(value: Buffer): Buffer {
    const length = this.integer(value.length);
    const bytes = this.text === null ? value : Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) bytes[i] = this.byte(bytes[i]);
    return bytes;
  }

  private byte(value: number): number {
    if (this.text !== null) return this.text.charCodeAt(this.at++);
    this.write(value);
    return value;
  }

  private write(byte: number): void {
    if (this.at === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
    buffer[this.at++] = byte;
  }

  private readInteger(text: string): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = text.charCodeAt(this.at++);
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
