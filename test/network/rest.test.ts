/** What a connection at rest is written as: the values that were written are read, in their order. */
import { expect, test } from 'vitest';
import { Rest } from '../../src/network/rest.js';
import { SequenceSpace } from '../../src/network/sequence-space.js';
import { newStamp } from '../../src/network/stamp.js';
import { TlsNegotiation } from '../../src/rpc/auth/tls.js';
import { BufferPool } from '../../src/rpc/buffer-pool.js';
import { CallStream } from '../../src/rpc/outcome.js';
import { RecordScan } from '../../src/rpc/record-scan.js';
import { RecordWalker } from '../../src/rpc/record-walker.js';
import { TlsHeaders } from '../../src/rpc/tls.js';

const INTEGERS = [0, 1, -1, 63, 64, -64, -65, 127, 128, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 2 ** 52, -(2 ** 52) + 1];
const DOUBLES = [0, 1.7e9 + 1 / 3, Number.NEGATIVE_INFINITY, -0.1];
const BYTES = [Buffer.alloc(0), Buffer.from([0, 127, 128, 255]), Buffer.alloc(1024, 0xa5)];

function keep(rest: Rest, isRead: boolean) {
  const or = <T>(value: T, none: T) => (isRead ? none : value);
  return {
    integers: INTEGERS.map((value) => rest.integer(or(value, 0))),
    doubles: DOUBLES.map((value) => rest.double(or(value, 0))),
    flags: [true, false].map((value) => rest.flag(or(value, false))),
    nullable: [null, 0, -5].map((value) => rest.integerOrNull(or(value, null))),
    bytes: BYTES.map((value) => rest.bytes(or(value, Buffer.alloc(0)))),
  };
}

test('values are read as they were written', () => {
  const rest = new Rest();
  const written = keep(rest, false);
  const text = rest.toString();
  expect(keep(new Rest(text), true)).toEqual(written);
  expect(written).toMatchObject({
    integers: INTEGERS,
    doubles: DOUBLES,
    flags: [true, false],
    nullable: [null, 0, -5],
  });
});

const isPlain = (value: unknown) => typeof value !== 'object' || value === null || value instanceof Buffer;

/** Another value than that with which an object begins. */
function changed(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number' && Number.isFinite(value)) return value + 7;
  if (value instanceof Buffer) return Buffer.from('undecided');
  return value === 'scan' ? 'idle' : 7;
}

const sink = {} as ConstructorParameters<typeof RecordWalker>[0];
const newWalker = () => new RecordWalker(sink, new BufferPool(), { resynchronisations: 0, headlessRecords: 0 });
const fragment = ['mark', 'fragmentLength', 'fragmentLeft', 'isLast', 'boundary', 'boundaryCarrier'];
const record = ['expected', 'inRecord', 'ahead', 'recordEnd', 'places', 'unterminated', 'isLengthKnown'];

// Half a record, a gap and what waits keep their connection awake. Nothing else is forgotten.
test.each<[name: string, make: () => object, forgotten: string[]]>([
  ['a sequence space', () => new SequenceSpace(), ['waitingBytes', 'gapPacket', 'gapSeconds', 'far']],
  ['a walker of records', newWalker, [...fragment, ...record, 'scan']],
  ['a scan', () => new RecordScan(), ['parts', 'tlsHeaders']],
  ['the record headers of TLS', () => new TlsHeaders(), []],
  ['a negotiation of TLS', () => new TlsNegotiation(), []],
  ['the calls of a direction', () => new CallStream(4), ['owner', 'adopted']],
])('%s is after a rest what it was', (_, make, forgotten) => {
  const [written, read] = [make(), make()] as (Record<string, unknown> & { keepAtRest(rest: Rest): void })[];
  const kept = Object.keys(read).filter((name) => isPlain(read[name]) && !forgotten.includes(name));
  for (const name of kept) written[name] = changed(written[name]);
  const expected = kept.map((name) => [name, written[name]]);
  const rest = new Rest();
  written.keepAtRest(rest);
  read.keepAtRest(new Rest(rest.toString()));
  expect(kept.map((name) => [name, read[name]])).toEqual(expected);
});

test.each([
  ['the bytes of a mark that are presumed have no frame', []],
  [
    'undecided bytes keep their frames',
    [
      { frame: 7, end: 2 },
      { frame: 9, end: 5 },
    ],
  ],
])('%s', (_, frames) => {
  const carry = Buffer.from('8000002811', 'hex');
  const parts = frames.map(({ frame, end }) => ({ carrier: { ...newStamp(), frame }, end }));
  const written = new RecordScan(carry);
  for (const { carrier, end } of parts) {
    written.noteCarrier(carrier, carry.length);
    written.parts.at(-1)!.end = end;
  }
  const rest = new Rest();
  written.keepAtRest(rest);
  const read = new RecordScan();
  read.keepAtRest(new Rest(rest.toString()));
  expect([read.takeCarry(), read.parts]).toEqual([carry, parts]);
});
