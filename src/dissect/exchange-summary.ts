/** One line for a call and its reply: what was asked for, and after an arrow what came of it. */
import { ByteWriter } from '../xdr/byte-writer.js';
import type { Exchange } from './exchange.js';
import { notableStatus } from './failure.js';

const ARROW = Buffer.from(' → ', 'utf8');
const SPACE = 0x20;

/** Makes the lines of exchanges. */
export class ExchangeSummary {
  private readonly call = new ByteWriter(1024);
  private readonly reply = new ByteWriter(1024);
  private readonly line = new ByteWriter(1024);

  /** The line of an exchange, as text; empty where nothing is known of its procedure. */
  of(exchange: Exchange): string {
    this.line.length = 0;
    this.write(this.line, exchange);
    return this.line.toString();
  }

  write(out: ByteWriter, exchange: Exchange): void {
    const { reply } = exchange;
    const writeCall = (text: ByteWriter) => exchange.writeSummary(text, exchange.call!);
    this.writeSides(out, exchange, writeCall, reply === null ? '' : notableStatus(reply));
  }

  /** The same with other words for the call, or for the status. */
  writeSides(out: ByteWriter, exchange: Exchange, writeCall: (text: ByteWriter) => void, status: string): void {
    const { call, reply } = this;
    call.length = 0;
    reply.length = 0;
    if (exchange.call !== null) writeCall(call);
    if (exchange.reply !== null) exchange.writeSummary(reply, exchange.reply);
    writeExchangeSummary(out, call.bytes.subarray(0, call.length), reply.bytes.subarray(0, reply.length), status);
  }
}

/** Writes a call's summary, then the reply's without the name that both begin with, then a status. */
export function writeExchangeSummary(out: ByteWriter, call: Uint8Array, reply: Uint8Array, status: string): void {
  out.copy(call, 0, call.length);
  const start = call.length === 0 ? 0 : commonWord(call, reply);
  // Compounds name their operations on both sides; a READ names its count.
  const hasResult = start < reply.length && !endsWithWords(call, reply.subarray(start));
  if (call.length > 0 && (hasResult || status !== '')) out.copy(ARROW, 0, ARROW.length);
  if (hasResult) out.copy(reply, start, reply.length);
  if (status === '') return;
  if (hasResult) out.byte(SPACE);
  out.utf8(status);
}

function endsWithWords(text: Uint8Array, words: Uint8Array): boolean {
  const from = text.length - words.length;
  return text[from - 1] === SPACE && words.every((byte, i) => text[from + i] === byte);
}

/** Where the second text goes on behind the word that both begin with. */
function commonWord(first: Uint8Array, second: Uint8Array): number {
  let at = 0;
  while (at < second.length && second[at] !== SPACE && first[at] === second[at]) at++;
  const isWord = (text: Uint8Array) => at === text.length || text[at] === SPACE;
  if (at === 0 || !isWord(first) || !isWord(second)) return 0;
  return at < second.length ? at + 1 : at;
}
