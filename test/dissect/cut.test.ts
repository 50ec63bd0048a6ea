/**
 * Every message of the fixture captures cut at every byte: nothing throws, the record says `truncated`, and each field that is
 * there is the whole message's. Long messages: every byte of their beginning, then some; each kind of message once, in the first
 * capture that has it, and of the messages of a capture whose headers are alike, one header.
 */
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Dissector } from '../../src/dissect/dissector.js';
import { DissectorLibrary } from '../../src/dissect/library.js';
import { Procedures } from '../../src/dissect/procedures.js';
import { Inspection } from '../../src/index.js';
import { ListWriter } from '../../src/output/list.js';
import { RecordWriter } from '../../src/output/record.js';
import { TimeColumn } from '../../src/output/time.js';
import { TreeWriter } from '../../src/output/tree.js';
import { ExchangeTable } from '../../src/rpc/exchanges.js';
import { readHeader } from '../../src/rpc/header.js';
import { CALL, Message } from '../../src/rpc/message.js';
import { makeStyles } from '../../src/terminal/style.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { fixtureCaptures } from '../helpers/fixtures.js';

const EVERY_BYTE = 512;
const SAMPLES = 24;
/** Synthetic messages are many and alike: cut at every fifth byte, all four places in a word come by. */
const SYNTHETIC_STEP = 5;
const OF_A_KIND = 1;

/** What stands behind the bytes that were captured, and how texts would show it. */
const FILLER = 0x2a;
const REST = Buffer.alloc(600, FILLER);
const BEHIND = ['****', '2a2a2a2a', String(0x2a2a2a2a), '42.42.42.42'];

interface Kept {
  data: Uint8Array;
  length: number;
  /** The call of a reply. */
  call: Kept | null;
  exchange: number;
  message: Message;
  /** The first cut: behind its xid and type, or in its body. */
  from: number;
}

type Json = unknown;

const library = new DissectorLibrary();
/** What dissectors made of procedures: taking a program's apart costs more than dissecting a message. */
const procedures = new Procedures(library, 'summaries');
const out = new ByteWriter();
const styles = makeStyles(false);

/** How many messages of a kind were taken, over all captures. */
const kinds = new Map<string, number>();

/** A whole message of each kind, replies with their calls. */
async function messagesOf(path: string): Promise<Kept[]> {
  const calls = new Map<number, Kept>();
  const headers = new Set<string>();
  const chosen: Kept[] = [];
  const inspection = await Inspection.open([path], { library }, ({ message, status }) => {
    if (message.isTruncated || message.headerFault !== null) return;
    const { program, version, procedure, type, acceptStat, credential, verifier, length } = message;
    const kept = own(message, message.type === CALL ? null : (calls.get(message.exchange) ?? null));
    if (type === CALL) calls.set(message.exchange, kept);
    const kind = [program, version, procedure, type, acceptStat, credential.flavor, status, length > EVERY_BYTE].join();
    const seen = kinds.get(kind) ?? 0;
    kinds.set(kind, seen + 1);
    if (seen >= OF_A_KIND) return;
    chosen.push(kept);
    const size = message.body - message.start;
    const header = [type, acceptStat, credential.flavor, verifier.flavor, size].join();
    // Not the same place in the first word for all.
    if (headers.has(header)) kept.from = size - (chosen.length % SYNTHETIC_STEP);
    headers.add(header);
  });
  await inspection.run();
  return chosen;
}

function own(message: Message, call: Kept | null): Kept {
  const copy = new Message();
  const { credential, verifier, notes, isTruncated, hasProgram, have, ...plain } = message;
  Object.assign(copy, plain);
  return {
    data: Buffer.from(message.bytes.subarray(message.start, message.end)),
    length: message.length,
    call,
    exchange: message.exchange,
    message: copy,
    from: 8,
  };
}

/** Shows parts of messages one after the other, each with its call as an exchange of its own. */
class Display {
  private readonly exchanges = new ExchangeTable(4);
  private readonly dissector = new Dissector(library, this.exchanges, { procedures });
  private readonly records = new RecordWriter(out, this.dissector, {
    files: null,
    hasInterfaces: () => false,
    int64Strings: false,
    payload: true,
  });
  private readonly list = new ListWriter(out, this.dissector, {
    styles,
    time: new TimeColumn('e', () => ({ seconds: 0, nanoseconds: 0 })),
    files: null,
    columns: null,
  });
  private readonly tree = new TreeWriter(out, this.dissector, styles, null);
  private owner = 0;

  /** Dissects the first `have` bytes of a message, and writes it in all formats. */
  show(kept: Kept, have: number): { record: Json; text: string } {
    this.owner++;
    if (kept.call !== null) this.dissector.dissect(this.place(kept.call, kept.call.data.length, null));
    const dissection = this.dissector.dissect(this.place(kept, have, kept.call));
    out.length = 0;
    this.records.write(dissection);
    const record = JSON.parse(out.toString());
    out.length = 0;
    this.list.write(dissection);
    this.tree.write(dissection);
    return { record, text: out.toString() };
  }

  /** The message as it would have come, with other bytes behind it. */
  private place(kept: Kept, have: number, call: Kept | null): Message {
    const message = new Message();
    const { frame, firstFrame, frameCount, seconds, nanoseconds, protocol, connection, source, destination } =
      kept.message;
    const bytes = Buffer.concat([kept.data.subarray(0, have), REST]);
    Object.assign(message, {
      number: 1,
      bytes,
      start: 0,
      end: have,
      length: kept.length,
      frame,
      firstFrame,
      frameCount,
      seconds,
      nanoseconds,
      protocol,
      connection,
      source,
      destination,
    });
    if (!readHeader(message)) return message;
    if (message.type === CALL) this.exchanges.call(message, this.owner, destination);
    else if (call !== null) this.exchanges.reply(message, this.owner, true);
    return message;
  }
}

/** Where `part` says something that `whole` does not. Arrays and objects of `part` may end early. */
function contradictions(part: Json, whole: Json, path: string): string[] {
  if (Array.isArray(part) && Array.isArray(whole)) {
    return part.flatMap((each, i) =>
      i < whole.length ? contradictions(each, whole[i], `${path}[${i}]`) : [`${path}[${i}] is new`],
    );
  }
  if (isObject(part) && isObject(whole)) {
    return Object.entries(part).flatMap(([key, value]) =>
      key in whole ? contradictions(value, whole[key], `${path}.${key}`) : [`${path}.${key} is new`],
    );
  }
  return Object.is(part, whole)
    ? []
    : [`${path}: ${JSON.stringify(part)} is not ${JSON.stringify(whole)?.slice(0, 80)}`];
}

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The parts of a record that grow with what is there, and so are not fields. */
const GROWING = ['truncated', 'summary', 'notes', 'undecoded'];

/** Up to here, behind the service in its credential, a control call of RPCSEC_GSS looks like one of the program's own. */
const SERVICE_END = 48;

function fieldsOf(record: Json, left = GROWING): Json {
  return Object.fromEntries(Object.entries(record as object).filter(([key]) => !left.includes(key)));
}

function* cuts({ data: { length }, from }: Kept, stride: number): Generator<number> {
  for (let at = from; at < Math.min(length, EVERY_BYTE); at += stride) yield at;
  const step = Math.max(1, Math.floor((length - EVERY_BYTE) / SAMPLES));
  for (let at = EVERY_BYTE; at < length; at += step) yield at;
}

const captures = fixtureCaptures().map((path) => [join(basename(dirname(path)), basename(path)), path] as const);

describe('every message cut at every byte', () => {
  test('the captures are found', () => expect(captures.length).toBeGreaterThan(20));
  test.each(captures)('%s', async (_, path) => {
    const wrong = new Map<string, string>();
    const note = (kept: Kept, have: number, what: string) => {
      const { frame } = kept.message;
      const key = what.replace(/\d+/g, '0');
      if (!wrong.has(key)) wrong.set(key, `frame ${frame}, ${have} of ${kept.length}: ${what}`);
    };
    const stride = /^(synthetic|rpcgen)\./.test(basename(path)) ? SYNTHETIC_STEP : 1;
    for (const kept of await messagesOf(path)) {
      let display = new Display();
      const whole = display.show(kept, kept.data.length);
      // Where a message tells of the one before it, as one on the same slot of a session does, nothing may be before it.
      const remembers = display.show(kept, kept.data.length).text !== whole.text;
      let isFirst = false;
      const fields = fieldsOf(whole.record);
      for (const have of cuts(kept, stride)) {
        // The first time, a dissector looks only for what is shown; once it was asked for faults, it looks at all of a body.
        isFirst = remembers || !isFirst;
        if (isFirst) display = new Display();
        const { record, text } = display.show(kept, have);
        const invented = BEHIND.find((each) => text.includes(each) && !whole.text.includes(each));
        if (invented !== undefined) note(kept, have, `shows bytes that were not captured: ${invented}`);
        const { truncated } = record as { truncated?: { have: number; need: number } };
        if (truncated?.have !== have || truncated.need !== kept.length) note(kept, have, 'is not truncated');
        const left = have < SERVICE_END ? [...GROWING, 'procedure'] : GROWING;
        for (const each of contradictions(fieldsOf(record, left), fields, '')) note(kept, have, each);
      }
    }
    expect([...wrong.values()]).toEqual([]);
  });

  test('many kinds were cut', () => expect(kinds.size).toBeGreaterThan(1000));
});
