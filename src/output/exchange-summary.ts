/** One line for a call and its reply: what was asked for, and after an arrow what came of it. */
import { ByteWriter } from '../xdr/byte-writer.js';

const ARROW = Buffer.from(' → ', 'utf8');
const SPACE = 0x20;

/** Both sides of a summary, before they are put together. */
export class ExchangeSummary {
  readonly call = new ByteWriter(1024);
  readonly reply = new ByteWriter(1024);

  clear(): void {
    this.call.length = 0;
    this.reply.length = 0;
  }

  write(out: ByteWriter, failure: string): void {
    const { call, reply } = this;
    writeExchangeSummary(out, call.bytes.subarray(0, call.length), reply.bytes.subarray(0, reply.length), failure);
  }
}

/** Writes a call's summary, then the reply's without the name that both begin with, then what went wrong. */
export function writeExchangeSummary(out: ByteWriter, call: Uint8Array, reply: Uint8Array, failure: string): void {
  out.copy(call, 0, call.length);
  const start = call.length === 0 ? 0 : commonWord(call, reply);
  // Compounds name their operations on both sides.
  const hasResult = start < reply.length && !endsWith(call, reply.subarray(start));
  if (call.length > 0 && (hasResult || failure !== '')) out.copy(ARROW, 0, ARROW.length);
  if (hasResult) out.copy(reply, start, reply.length);
  if (failure === '') return;
  if (hasResult) out.byte(SPACE);
  out.utf8(failure);
}

function endsWith(text: Uint8Array, end: Uint8Array): boolean {
  const from = text.length - end.length;
  return from > 0 && end.every((byte, i) => text[from + i] === byte);
}

/** Where the second text goes on behind the word that both begin with. */
function commonWord(first: Uint8Array, second: Uint8Array): number {
  let at = 0;
  while (at < second.length && second[at] !== SPACE && first[at] === second[at]) at++;
  const isWord = (text: Uint8Array) => at === text.length || text[at] === SPACE;
  if (at === 0 || !isWord(first) || !isWord(second)) return 0;
  return at < second.length ? at + 1 : at;
}
