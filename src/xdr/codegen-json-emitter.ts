/**
 * Collects the lines of generated functions that write text. Constant text is gathered and stored in words. For a run
 * of fixed-size fields, one check makes room for all that it writes, as one check covers all that it reads.
 */
import { Emitter } from './codegen.js';

/** Room that is made ahead for what is written between checks. */
export const SLACK = 64;

export class JsonEmitter extends Emitter {
  /** Constant text that is still to be stored. */
  private text = '';
  /** The most bytes that the current run writes. */
  private writes = 0;

  /** Adds a line that writes at most `width` bytes. */
  protected write(width: number, line: string): void {
    this.openRun();
    this.writes += width;
    this.line(line);
  }

  /** Adds constant ASCII or UTF-8 text to what is written. */
  protected add(text: string): void {
    this.text += text;
  }

  protected flush(): void {
    if (this.text === '') return;
    this.openRun();
    const bytes = Buffer.from(this.text, 'utf8');
    this.text = '';
    this.writes += bytes.length;
    this.line(`${stores(bytes)} q += ${bytes.length};`);
  }

  protected override endRun(): void {
    this.flush();
    super.endRun();
    this.writes = 0;
  }

  protected override moreChecks(): string[] {
    return this.writes > 0 ? [roomFor(`${this.writes}`)] : [];
  }

  /** Makes room for `size` bytes, and stores the constant text before them. */
  protected room(size: string): void {
    this.endRun();
    this.line(roomFor(size));
  }
}

/** Stores of constant bytes at `q`, four at a time. */
export function stores(text: string | Buffer): string {
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) parts.push(`d.setInt32(q + ${at}, ${bytes.readInt32BE(at)});`);
  if (at + 2 <= bytes.length) {
    parts.push(`d.setUint16(q + ${at}, ${bytes.readUInt16BE(at)});`);
    at += 2;
  }
  if (at < bytes.length) parts.push(`w[q + ${at}] = ${bytes[at]};`);
  return parts.join(' ');
}

function roomFor(size: string): string {
  return `if (q + ${size} > w.length) { s.q = q; r.grow(s, ${size}); w = s.w; d = s.d; }`;
}
