/**
 * Captures made to exhaust: each is small for who sends it, and must cost no more than its bytes. Held are what is still found, what is counted
 * as forgotten, the memory that the process grows by, and the time of the CPU. Compressed bombs are in test/capture and test/e2e,
 * floods of connections in test/rpc, types without end in test/xdr, values of
 * CSV in test/output.
 */
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { RAW_IP } from '../../src/capture/link-types.js';
import { type Account, type Dissection, type Dissector, Inspection } from '../../src/index.js';
import { MAX_PATH_BYTES } from '../../src/limits/dissect.js';
import { MAX_FRAGMENT_DATAGRAMS } from '../../src/limits/network.js';
import { MAX_EXCHANGES } from '../../src/limits/rpc.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { bytes, type TestFrame, writePcap } from '../helpers/capture-writer.js';
import { Conversation } from '../helpers/conversation.js';
import { startCpuTime } from '../helpers/cpu-time.js';
import { client, server, udp, udpFragments } from '../helpers/packets.js';
import { library } from '../helpers/render.js';
import { call, opaque, record, reply, words } from '../helpers/rpc-writer.js';
import { Fuzzer } from './fuzzer.js';

const MEBIBYTE = 2 ** 20;
/** What reading a capture may add to this process, the frames that the test makes included; some hundred bytes for each frame would be more. */
const MAX_GROWTH = 256 * MEBIBYTE;
/** What any of them may take of the CPU; a million messages take some seconds. */
const MAX_SECONDS = 30;
const SEGMENT = 60_000;
const FILE_HEADER = 24;
const FRAMES_A_CHUNK = 10_000;

/** An entry of MOUNT v3's EXPORT: a name of one letter, no groups. */
const ENTRY = bytes(words(1), opaque('/'), words(0));

/** Offsets in an IPv4 datagram, and the bit of a record mark that ends the record. */
const IDENTIFICATION = 4;
const SOURCE = 14;
const XID = 28;
const LAST = 0x80000000;

const NFS = { program: 100003, version: 3 };
const LOOKUP = 3;

/** The capture of some frames, in one piece. */
const captureOf = (frames: readonly TestFrame[]) => [writePcap(frames, { linkType: RAW_IP })];

/** The capture of so many copies of a frame, each changed, as a pipe brings it: it is never there as a whole. */
function* copiesOf(frame: Buffer, count: number, change: (copy: Buffer, index: number) => void): Generator<Buffer> {
  const [one] = captureOf([{ data: frame }]);
  yield one.subarray(0, FILE_HEADER);
  const size = one.length - FILE_HEADER;
  for (let first = 0; first < count; first += FRAMES_A_CHUNK) {
    const chunk = Buffer.alloc(Math.min(FRAMES_A_CHUNK, count - first) * size, one.subarray(FILE_HEADER));
    for (let at = 0; at < chunk.length; at += size) {
      change(chunk.subarray(at + size - frame.length, at + size), first + at / size);
    }
    yield chunk;
  }
}

/** Reads a capture, and holds the memory and the time that it takes. */
async function read(
  capture: Iterable<Buffer>,
  handle: (dissection: Dissection, dissector: Dissector) => void = () => {},
): Promise<Account> {
  const cpuSeconds = startCpuTime();
  const before = process.memoryUsage.rss();
  let most = before;
  let count = 0;
  const afterFrame = () => {
    if (++count % FRAMES_A_CHUNK === 0) most = Math.max(most, process.memoryUsage.rss());
  };
  const options = { library, stdin: Readable.from(capture), afterFrame };
  const inspection: Inspection = await Inspection.open(['-'], options, (dissection) => {
    handle(dissection, inspection.dissector);
  });
  const account = await inspection.run();
  expect(Math.max(most, process.memoryUsage.rss()) - before).toBeLessThan(MAX_GROWTH);
  expect(cpuSeconds()).toBeLessThan(MAX_SECONDS);
  return account;
}

test('a record of a million fragments of one byte', async () => {
  const message = call({ ...NFS, procedure: LOOKUP, args: Buffer.alloc(1_000_000) });
  const stream = Buffer.alloc(5 * message.length);
  message.forEach((byte, i) => {
    stream.writeUInt32BE(i === message.length - 1 ? LAST + 1 : 1, 5 * i);
    stream[5 * i + 4] = byte;
  });
  const conversation = new Conversation().open(0);
  for (let at = 0; at < stream.length; at += SEGMENT) conversation.send(0, stream.subarray(at, at + SEGMENT), 1);
  const lengths: number[] = [];
  await read(captureOf(conversation.packets), ({ message: { length } }) => lengths.push(length));
  expect(lengths).toEqual([message.length]);
});

test('a million calls that nobody answers', async () => {
  const calls = 1_000_000;
  const datagram = udp(client, server, call({ ...NFS, xid: 0 }));
  const capture = copiesOf(datagram, calls, (copy, xid) => copy.writeUInt32BE(xid, XID));
  const { rpc, exchanges } = await read(capture);
  expect(rpc.messages).toBe(calls);
  expect(exchanges.evictedUnanswered).toBe(calls - MAX_EXCHANGES);
});

test('fragments of datagrams that never become whole', async () => {
  const datagrams = 100_000;
  const [first] = udpFragments(client, server, Buffer.alloc(3000), 1480);
  const capture = copiesOf(first, datagrams, (copy, i) => {
    copy.writeUInt16BE(i & 0xffff, IDENTIFICATION);
    copy.writeUInt16BE(i >> 16, SOURCE);
  });
  const { lostDatagrams } = await read(capture);
  expect(lostDatagrams).toBeGreaterThanOrEqual(datagrams - MAX_FRAGMENT_DATAGRAMS);
});

test('a list of a million entries', async () => {
  const result = bytes(Buffer.alloc(1_000_000 * ENTRY.length, ENTRY), words(0));
  const mount = { program: 100005, version: 3, procedure: 5 };
  const answer = reply({ result });
  const answered = record(answer);
  const conversation = new Conversation().open(0).call(call(mount), 1);
  for (let at = 0; at < answered.length; at += SEGMENT) conversation.send(1, answered.subarray(at, at + SEGMENT), 2);
  let found = 0;
  await read(captureOf(conversation.packets), ({ message }) => {
    if (message.type === 1) found = message.length;
  });
  expect(found).toBe(answer.length);
});

/** The length of the longest summary that a capture's messages have. */
async function longestSummary(capture: Iterable<Buffer>): Promise<number> {
  const out = new ByteWriter();
  let longest = 0;
  await read(capture, (_, dissector) => {
    out.length = 0;
    dissector.writeSummary(out);
    longest = Math.max(longest, out.length);
  });
  return longest;
}

test('calls within calls', async () => {
  const depth = 10_000;
  const portmap = [100000, 2, 5];
  const head = words(...portmap, 0).length;
  const args = bytes(...Array.from({ length: depth }, (_, i) => words(...portmap, head * (depth - 1 - i))));
  const conversation = new Conversation().open(0);
  const sent = record(call({ program: 100000, version: 2, procedure: 5, args }));
  for (let at = 0; at < sent.length; at += SEGMENT) conversation.send(0, sent.subarray(at, at + SEGMENT), 1);
  expect(await longestSummary(captureOf(conversation.packets))).toBeLessThan(200);
});

test('directories in directories, with long names', async () => {
  const directories = 2000;
  const name = 'a'.repeat(1000);
  const handle = (number: number) => opaque(words(number, 0xabcdef));
  const packets = Array.from({ length: directories }, (_, i) => {
    const args = bytes(handle(i), opaque(name));
    const result = bytes(words(0), handle(i + 1), words(0, 0));
    return [
      { data: udp(client, server, call({ ...NFS, xid: i, procedure: LOOKUP, args })) },
      { data: udp(server, client, reply({ xid: i, result })) },
    ];
  });
  expect(await longestSummary(captureOf(packets.flat()))).toBeLessThan(MAX_PATH_BYTES + 2 * name.length);
});

const HOSTILE_NAMES: [what: string, name: string][] = [
  ['64 KiB of escape sequences', '\u001b]0;gotcha\u0007\u001b[2J'.repeat(4096)],
  ['the name of every object', '__proto__'],
  ['the name of every function', 'constructor'],
  ['the end of a script', '</script><script>alert(1)</script>'],
  ['a formula', '=cmd()'],
  ['an annotation of a build', '::warning::gotcha'],
  ['the end of a CDATA section', ']]>'],
  ['text that runs backwards', 'a\u202egnp.exe\u2066'],
];

test.each(HOSTILE_NAMES)('a file called %s', async (_, name) => {
  const args = bytes(opaque('root'), opaque(name));
  const conversation = new Conversation()
    .open(0)
    .call(call({ ...NFS, procedure: LOOKUP, args }), 1)
    .reply(reply({ result: bytes(words(0), opaque('file'), words(0, 0)) }), 2)
    .call(call({ ...NFS, xid: 2, procedure: 1, args: opaque('file') }), 3);
  const capture = writePcap(conversation.packets, { linkType: RAW_IP });
  const { violations } = await new Fuzzer().judge(capture);
  expect(violations).toEqual([]);
});
