/** One line for a call and its reply: what was asked for, and after an arrow what came of it. */
import { ByteWriter } from '../xdr/byte-writer.js';
import type { Exchange } from './exchange.js';
import { notableStatus } from './failure.js';

const ARROW = Buffer.from(' → ', 'utf8');
const SPACE = 0x20;
const OPEN = 0x28;
const CLOSE = 0x29;

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

/**
 * Writes a call's summary, then the reply's without the name that both begin with and the list of operations that both
 * end with, then a status. A reply that only repeats words of the call (`count 4096`) is left out. One word may have
 * another meaning there, so it is written.
 */
export function writeExchangeSummary(out: ByteWriter, call: Uint8Array, reply: Uint8Array, status: string): void {
  out.copy(call, 0, call.length);
  const start = call.length === 0 ? 0 : commonWord(call, reply);
  const list = commonList(call, reply, start);
  const result = reply.subarray(start, reply.length - list);
  const isRepeated = result.includes(SPACE) && endsWithWords(call.subarray(0, call.length - list), result);
  const hasResult = result.length > 0 && !isRepeated;
  if (call.length > 0 && (hasResult || status !== '')) out.copy(ARROW, 0, ARROW.length);
  if (hasResult) out.copy(result, 0, result.length);
  if (status === '') return;
  if (hasResult) out.byte(SPACE);
  out.utf8(status);
}

/** The length of the list in parentheses that both end with, behind `start` of the second, with the blank before it. */
function commonList(first: Uint8Array, second: Uint8Array, start: number): number {
  const open = second.lastIndexOf(OPEN);
  if (open < start || second.at(-1) !== CLOSE || !endsWithWords(first, second.subarray(open))) return 0;
  return second.length - Math.max(start, open - 1);
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
