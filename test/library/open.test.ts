/** `open`: records equal the JSON of the command line on every fixture; passes can be left early, and do not run ahead. */
import { deepStrictEqual } from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { RAW_IP } from '../../src/capture/link-types.js';
import {
  type Capture,
  type ExchangeRecord,
  Inspection,
  missingPhrases,
  open,
  type Problem,
  type RpcRecord,
  type XdrValue,
} from '../../src/index.js';
import { RecordBuilder } from '../../src/library/record.js';
import { ExchangeRecordWriter } from '../../src/output/exchange-record.js';
import { RecordWriter } from '../../src/output/record.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { writePcap } from '../helpers/capture-writer.js';
import { eachExchangeOf } from '../helpers/exchanges.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { parseLines } from '../helpers/lines.js';
import { client, server, udp } from '../helpers/packets.js';
import { FIXTURES, INVENTORY, library, nameOf } from '../helpers/render.js';
import { call } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const ALL_PROCEDURES = join(FIXTURES, 'captures/nfs2/allprocs.pcap');

const folder = ownFolder();

/** A capture of UDP calls. */
function manyCalls(count: number): string {
  const frames = Array.from({ length: count }, (_, xid) => ({
    data: udp(client, server, call({ xid })),
    seconds: xid,
  }));
  const file = join(folder, 'many.pcap');
  writeFileSync(file, writePcap(frames, { linkType: RAW_IP }));
  return file;
}

/** The files that this process has open. */
function openFiles(): string[] {
  const descriptors = '/proc/self/fd';
  return readdirSync(descriptors).flatMap((name) => {
    try {
      return [readlinkSync(join(descriptors, name))];
    } catch {
      return []; // the descriptor that read the folder
    }
  });
}

/** The JSON records of captures, with 64-bit numbers as strings and all bytes. */
async function jsonRecords(captures: string[]): Promise<object[]> {
  const out = new ByteWriter();
  const inspection: Inspection = await Inspection.open(captures, { library }, (dissection) => {
    writer.write(dissection);
    out.byte(0x0a);
  });
  const writer = new RecordWriter(out, inspection.dissector, {
    files: captures.length > 1 ? inspection.files : null,
    hasInterfaces: (file) => inspection.hasInterfaces(file),
    int64Strings: true,
    payload: true,
  });
  await inspection.run();
  return parseLines(out.toString());
}

/** The JSON of `--calls`, likewise. */
async function jsonExchanges(capture: string): Promise<object[]> {
  const out = new ByteWriter();
  let writer: ExchangeRecordWriter | null = null;
  await eachExchangeOf(capture, (exchange, inspection) => {
    const hasInterfaces = (file: number) => inspection.hasInterfaces(file);
    const options = { files: null, hasInterfaces, int64Strings: true, payload: true };
    writer ??= new ExchangeRecordWriter(out, inspection.dissector, options);
    writer.write(exchange);
    out.byte(0x0a);
  });
  return parseLines(out.toString());
}

async function recordsOf(captures: string | string[], codegen = true): Promise<RpcRecord[]> {
  const records: RpcRecord[] = [];
  for await (const record of open(captures, { library, codegen })) records.push(record);
  return records;
}

/** A record as its JSON would be. */
function plain(value: XdrValue | RpcRecord | ExchangeRecord): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value === undefined || value === null || typeof value !== 'object') return value ?? null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** JSON without the siblings that it has beside bytes: their length, and the bytes of what is not UTF-8. */
function withoutSiblings(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(withoutSiblings);
  const isSibling = (key: string) => /_(length|hex)$/.test(key) && Object.hasOwn(value, key.replace(/_\w[a-z]*$/, ''));
  const kept = Object.entries(value).filter(([key]) => !isSibling(key));
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutSiblings(each)]));
}

describe('records, by generated code and without, equal the JSON', () => {
  test.each(fixtureCaptures().map((capture) => [nameOf(capture), capture]))('%s', async (_, capture) => {
    const expected = await jsonRecords([capture]);
    for (const codegen of [true, false]) {
      const records = await recordsOf(capture, codegen);
      deepStrictEqual(records.map(plain), expected.map(withoutSiblings));
      expect(records.map(Object.keys)).toEqual(expected.map(Object.keys));
    }
  });
});

describe('exchanges equal the JSON of --calls', () => {
  test.each(fixtureCaptures().map((capture) => [nameOf(capture), capture]))('%s', async (_, capture) => {
    const exchanges: ExchangeRecord[] = [];
    for await (const exchange of open(capture, { library }).exchanges()) exchanges.push(exchange);
    const expected = await jsonExchanges(capture);
    deepStrictEqual(exchanges.map(plain), expected.map(withoutSiblings));
    const keys = (record: object) => JSON.stringify(Object.keys(record));
    expect(exchanges.map(keys)).toEqual(expected.map(keys));
  });
});

test('several captures are one input in time order', async () => {
  const captures = fixtureCaptures().slice(0, 3);
  const records = await recordsOf(captures);
  deepStrictEqual(records.map(plain), (await jsonRecords(captures)).map(withoutSiblings));
  expect(new Set(records.map((record) => record.file)).size).toBe(3);
});

test('64-bit numbers are bigint, bytes are copies', async () => {
  const records = await recordsOf(join(FIXTURES, 'captures/nfs3/read-64k.pcap'));
  const read = records.find((record) => record.procedure === 'READ' && record.type === 'call');
  expect(read?.args).toMatchObject({ offset: expect.any(BigInt), count: expect.any(Number) });
  const file = (read!.args as { file: { data: Uint8Array } }).file.data;
  expect(file.constructor).toBe(Uint8Array);
  expect(file.buffer.byteLength).toBe(file.length);
  expect(read?.credential).toMatchObject({ flavor: 'AUTH_SYS', uid: expect.any(Number), gids: expect.any(Array) });
});

describe('forEach', () => {
  test('gives views of all messages, and the account', async () => {
    const records = await recordsOf(ALL_PROCEDURES);
    const seen: RpcRecord[] = [];
    const account = await open(ALL_PROCEDURES, { library }).forEach((message) => {
      const record = message.record();
      expect(message.type).toBe(record.type);
      expect(message.program).toBe(record.program);
      expect(message.procedure).toBe(record.procedure);
      expect(message.status ?? undefined).toBe(record.status);
      expect(message.error ?? undefined).toBe(record.error);
      expect(message.summary()).toBe(record.summary ?? '');
      expect(message.value()).toEqual(message.type === 'call' ? record.args : record.result);
      expect(message.tree() === null).toBe(message.dissection.plan === null);
      expect(message.file).toBe(ALL_PROCEDURES);
      seen.push(record);
    });
    expect(seen).toEqual(records);
    expect(account.network.frames).toBeGreaterThan(0);
  });

  test('can be stopped', async () => {
    let count = 0;
    await open(ALL_PROCEDURES, { library }).forEach((message) => {
      if (++count === 3) message.stop();
    });
    expect(count).toBe(3);
  });

  test('hands on what the callback throws', async () => {
    const pass = open(ALL_PROCEDURES, { library }).forEach(() => {
      throw new RangeError('mine');
    });
    await expect(pass).rejects.toThrow('mine');
  });
});

describe('iterating', () => {
  test('can be left early and begun again', async () => {
    const capture = open(ALL_PROCEDURES, { library });
    for (let pass = 0; pass < 2; pass++) {
      const numbers: number[] = [];
      for await (const record of capture) {
        numbers.push(record.message);
        if (numbers.length === 3) break;
      }
      expect(numbers).toEqual([1, 2, 3]);
    }
  });

  test('does not run ahead of who takes the records', async () => {
    const built = vi.spyOn(RecordBuilder.prototype, 'build');
    let taken = 0;
    let ahead = 0;
    for await (const _ of open(manyCalls(5000))) ahead = Math.max(ahead, built.mock.calls.length - ++taken);
    built.mockRestore();
    expect(taken).toBe(5000);
    expect(ahead).toBeLessThan(300);
  });

  test('user dissectors', async () => {
    const inventory = join(FIXTURES, 'captures/custom/inventory.pcap');
    const { value } = await open(inventory, { xdr: [INVENTORY] })
      [Symbol.asyncIterator]()
      .next();
    expect(value).toMatchObject({ program: 'INVENTORY_PROG' });
  });

  test('a broken user dissector is an error at once', () => {
    expect(() => open('x.pcap', { xdr: ['/nonexistent.x'] })).toThrow(
      expect.objectContaining({ name: 'XdrFileError', message: '/nonexistent.x: no such file' }),
    );
  });
});

describe('problems', () => {
  test('are collected and told, and the other inputs are read', async () => {
    const missing = join(folder, 'missing.pcap');
    const told: string[] = [];
    const capture = open([missing, ALL_PROCEDURES], { library, onProblem: (problem) => told.push(problem.file) });
    let count = 0;
    for await (const _ of capture) count++;
    expect(count).toBeGreaterThan(10);
    expect(capture.problems).toEqual([{ file: missing, message: expect.stringContaining('no such file') }]);
    expect(told).toEqual([missing]);
  });

  test('a handler that throws leaves no capture open', async () => {
    const onProblem = () => {
      throw new RangeError('mine');
    };
    const capture = open([ALL_PROCEDURES, join(folder, 'missing.pcap')], { library, onProblem });
    await expect(capture.forEach(() => {})).rejects.toThrow('mine');
    expect(openFiles()).not.toContain(ALL_PROCEDURES);
  });

  test('a handler that throws at damage, when the pass is left early, leaves no capture open', async () => {
    const file = manyCalls(2000);
    const damaged = readFileSync(file);
    const record = (damaged.length - 24) / 2000;
    damaged.writeUInt32LE(0x7fffffff, 24 + 3 * record + 8);
    writeFileSync(file, damaged);
    const onProblem = ({ message }: Problem) => {
      throw new RangeError(message);
    };
    const leave = async () => {
      for await (const _ of open(file, { library, onProblem })) break;
    };
    await expect(leave()).rejects.toThrow('damaged');
    expect(openFiles()).not.toContain(file);
  });

  test('a link type that nobody decodes', async () => {
    const file = join(folder, 'link-type.pcap');
    const frames = [1, 2, 3].map((xid) => ({ data: udp(client, server, call({ xid })) }));
    writeFileSync(file, writePcap(frames, { linkType: 147 }));
    const expected = [{ file, message: 'frame 1 and 2 more: link type 147, which rpcdump does not know' }];
    const capture = open(file, { library });
    for await (const _ of capture) throw new Error('a record');
    expect(capture.problems).toEqual(expected);
    for await (const _ of capture.exchanges()) throw new Error('an exchange');
    expect(capture.problems).toEqual(expected);
    await capture.forEach(() => {});
    expect(capture.problems).toEqual(expected);
  });

  test('a capture that ends early', async () => {
    const cut = join(folder, basename(ALL_PROCEDURES));
    copyFileSync(ALL_PROCEDURES, cut);
    truncateSync(cut, readFileSync(ALL_PROCEDURES).length - 7);
    const capture = open(cut, { library });
    await capture.forEach(() => {});
    expect(capture.problems).toHaveLength(1);
  });
});

describe('the account', () => {
  const DROPPED = join(FIXTURES, 'captures/nfs3/dropped-packets.pcap');
  const passes: [string, (capture: Capture) => Promise<unknown>][] = [
    [
      'records',
      async (capture) => {
        for await (const _ of capture);
      },
    ],
    [
      'exchanges',
      async (capture) => {
        for await (const _ of capture.exchanges());
      },
    ],
    ['views', (capture) => capture.forEach(() => {})],
  ];

  test.each(passes)('after a pass of %s', async (_, pass) => {
    const capture = open(DROPPED, { library });
    expect(capture.account).toBe(null);
    await pass(capture);
    expect(capture.account!.rpc.messages).toBe(42);
    expect(missingPhrases(capture.account!)).toEqual(['3,132 bytes missing in 3 holes', '3 messages truncated']);
  });

  test('of frames that are not sorted: from the oldest to the newest', async () => {
    const file = join(folder, 'unsorted.pcap');
    const frames = [5, 2, 100, 3].map((seconds) => ({ data: udp(client, server, call({ xid: seconds })), seconds }));
    writeFileSync(file, writePcap(frames, { linkType: RAW_IP }));
    const capture = open(file, { library });
    await capture.forEach(() => {});
    expect([capture.account!.first.seconds, capture.account!.last.seconds]).toEqual([2, 100]);
  });

  test('of a pass that was left early', async () => {
    const capture = open(DROPPED, { library });
    for await (const _ of capture) break;
    expect(capture.account!.network.frames).toBeGreaterThan(0);
  });
});
