/** Messages as units in shared memory: what is written is read again, of all kinds of messages; full blocks, bytes apart, many endpoints. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Inspection } from '../../src/index.js';
import type { Endpoint } from '../../src/network/flow.js';
import { readHeader } from '../../src/rpc/header.js';
import { Message, type OpaqueAuth } from '../../src/rpc/message.js';
import { UnitMemory } from '../../src/rpc/unit-layout.js';
import { UnitReader } from '../../src/rpc/unit-reader.js';
import { type UnitFacts, UnitWriter } from '../../src/rpc/unit-writer.js';
import { FIXTURES, library } from '../helpers/render.js';
import { call, reply } from '../helpers/rpc-writer.js';

const BLOCK = 64 * 1024;
const EXCHANGES = 1 << 20;

const newBlock = (length = BLOCK) => new UnitMemory(new SharedArrayBuffer(length), 0, length);

/** What a unit says of a message; places count from its first byte. */
function factsOf(message: Message) {
  const {
    bytes,
    start,
    end,
    body,
    credential,
    verifier,
    retransmission,
    retransmissionFrame,
    retransmissionFile,
    ...rest
  } = message;
  const { order, carriers, places, opening, low, high, notes, source, destination, ...facts } = rest;
  const authOf = ({ flavor, start: at, length, limit, isWhole }: OpaqueAuth) =>
    flavor < 0 ? null : [flavor, at - start, length, limit - start, isWhole];
  return {
    ...facts,
    from: nameOf(source),
    to: nameOf(destination),
    data: Buffer.from(bytes.subarray(start, end)).toString('hex'),
    body: body < 0 ? null : body - start,
    credential: authOf(credential),
    verifier: authOf(verifier),
    retransmission: retransmission && [retransmission, retransmissionFrame, retransmissionFile],
    notes: [...notes],
  };
}

function nameOf({ id, address, port }: Endpoint) {
  return { id, address, port };
}

type Facts = ReturnType<typeof factsOf>;

function unitsOf(memory: UnitMemory, length: number, reader = new UnitReader()): Facts[] {
  const facts: Facts[] = [];
  reader.begin(memory, length);
  while (reader.advance()) facts.push(factsOf(reader.read()));
  return facts;
}

function messageOf(data: Uint8Array, more: Partial<Message> = {}): Message {
  const message = new Message();
  Object.assign(message, { bytes: data, end: data.length, length: data.length });
  readHeader(message);
  const source = { id: 1, address: '10.0.0.1', port: 800 };
  const destination = { id: 2, address: '2001:db8::2', port: 2049 };
  return Object.assign(message, { protocol: 6, source, destination, exchange: 7, ...more });
}

/** The reader at the only unit of a block. */
function unitOf(writer: UnitWriter, message: Message, facts: Partial<UnitFacts> = {}): UnitReader {
  const memory = newBlock();
  writer.begin(memory);
  writer.write(message, { hasInterfaces: false, isApart: false, ...facts });
  const reader = new UnitReader();
  reader.begin(memory, writer.length);
  expect(reader.advance()).toBe(true);
  return reader;
}

describe('what is written is read', () => {
  test.each([
    'nfs3/dropped-packets.pcap',
    'nfs3/snaplen256.pcap',
    'nfs3/udp-loss.pcap',
    'nfs4/backchannel-4.1.pcap',
    'rpc/errors-auth.pcap',
    'rpcbind/rpcinfo-ipv4.pcap',
  ])('%s', async (capture) => {
    const memory = newBlock();
    const writer = new UnitWriter(EXCHANGES);
    let expected: Facts[] = [];
    let blocks = 0;
    const endBlock = () => {
      expect(unitsOf(memory, writer.length)).toEqual(expected);
      expected = [];
      writer.begin(memory);
      blocks++;
    };
    writer.begin(memory);
    const inspection = await Inspection.open([join(FIXTURES, 'captures', capture)], { library }, ({ message }) => {
      if (message.have > BLOCK / 2) return;
      if (!writer.hasRoom(message, false)) endBlock();
      writer.write(message, { hasInterfaces: false, isApart: false });
      expected.push(factsOf(message));
    });
    await inspection.run();
    expect(expected.length).toBeGreaterThan(0);
    endBlock();
    expect(blocks).toBeGreaterThan(0);
  });

  test.each<[string, Partial<Message>]>([
    ['the first answer', { isAnswer: true, callFrame: 2 ** 33, callFile: 0, elapsed: 0.25 }],
    ['another reply', { retransmission: 'duplicate_reply', retransmissionFrame: 5, sameBytes: true }],
    ['a call sent again', { retransmission: 'rpc_reconnect', retransmissionFrame: 2 ** 32 + 1 }],
    ['one of another file and interface', { file: 3, firstFile: 3, interfaceIndex: 2 }],
    ['one whose call is in an earlier file', { file: 3, firstFile: 3, callFrame: 9, callFile: 2 }],
    ['one that began in an earlier file', { file: 3, firstFile: 2, firstFrame: 90, frame: 1, frameCount: 2 }],
    [
      'one sent first in an earlier file',
      { file: 3, retransmission: 'rpc', retransmissionFrame: 5, retransmissionFile: 2 },
    ],
    ['an open length', { mostLength: 4000 }],
    ['large numbers', { program: 0xffffffff, version: 0xffffffff, procedure: 0xfffffffe, number: 2 ** 40 }],
    ['an unmatched one', { exchange: -1, program: -1, version: -1, procedure: -1 }],
    ['notes of any characters', { notes: ['\u2028 “ü” 😀', ''] }],
  ])('%s', (_, more) => {
    const message = messageOf(reply(), more);
    const reader = unitOf(new UnitWriter(8), message);
    expect(factsOf(reader.read())).toEqual(factsOf(message));
  });

  test.each([0, 1, 2, 3, 509, 513, 4000])('%i bytes of arguments', (length) => {
    const message = messageOf(call({ args: Buffer.alloc(length, 0xab) }));
    expect(factsOf(unitOf(new UnitWriter(8), message).read())).toEqual(factsOf(message));
  });
});

test.each([false, true])('records name interfaces: %s', (hasInterfaces) => {
  expect(unitOf(new UnitWriter(8), messageOf(call()), { hasInterfaces }).hasInterfaces).toBe(hasInterfaces);
});

test('bytes that lie apart are those that are handed in, and take no room', () => {
  const message = messageOf(call({ args: Buffer.alloc(2 * BLOCK) }), { notes: ['a note'] });
  const writer = new UnitWriter(8);
  const reader = unitOf(writer, message, { isApart: true });
  expect([reader.isApart, reader.have]).toEqual([true, message.have]);
  expect([writer.hasRoom(message, true), writer.hasRoom(message, false)]).toEqual([true, false]);
  expect(factsOf(reader.read(message.bytes))).toEqual(factsOf(message));
});

test('endpoints stand in a block once, as long as they are remembered, and in each block anew', () => {
  const writer = new UnitWriter(8);
  const reader = new UnitReader();
  const endpoints = Array.from({ length: 600 }, (_, i) => ({
    id: 10 + i,
    address: `10.0.${i >> 8}.${i & 255}`,
    port: i,
  }));
  const memory = newBlock(1 << 20);
  const lengths = [0, 1].map(() => {
    writer.begin(memory);
    const messages = endpoints.flatMap((source) => [source, source].map((each) => messageOf(call(), { source: each })));
    const expected = messages.map((message) => {
      writer.write(message, { hasInterfaces: true, isApart: false });
      return factsOf(message);
    });
    expect(unitsOf(memory, writer.length, reader)).toEqual(expected);
    return writer.length;
  });
  expect(lengths[0]).toBe(lengths[1]);
});

describe('what may be rendered before its turn', () => {
  const gss = { flavor: 6, body: Buffer.alloc(20) };
  test.each<[string, Message[], boolean]>([
    ['a call', [messageOf(call())], true],
    ['its reply', [messageOf(call()), messageOf(reply())], true],
    ['a reply whose call was not seen', [messageOf(reply())], false],
    ['a message without an exchange', [messageOf(call(), { exchange: -1 })], false],
    ['a call with RPCSEC_GSS', [messageOf(call({ credential: gss }))], false],
    ['the reply to one', [messageOf(call({ credential: gss })), messageOf(reply())], false],
    ['a verifier of RPCSEC_GSS', [messageOf(call()), messageOf(reply({ verifier: gss }))], false],
    ['a call sent again', [messageOf(call()), messageOf(call(), { retransmission: 'rpc' })], false],
    ['a header that is wrong', [messageOf(call({ credential: { flavor: 1, length: 5000 } }))], false],
    ['a header that is cut', [messageOf(call().subarray(0, 20))], false],
    ['a note', [messageOf(call(), { notes: ['strange'] })], false],
  ])('%s: %#', (_, messages, expected) => {
    const writer = new UnitWriter(8);
    expect(messages.map((message) => unitOf(writer, message).isPlain).at(-1)).toBe(expected);
  });
});

describe('the kind of a unit', () => {
  test.each([
    ['a call', messageOf(call({ version: 3, procedure: 6 })), [100003, (3 * 128 + 6) * 2]],
    ['a reply', messageOf(reply(), { program: 100003, version: 3, procedure: 6 }), [100003, (3 * 128 + 6) * 2 + 1]],
    ['a version that no program has', messageOf(call({ version: 16 })), [100003, -1]],
    ['a procedure that no program has', messageOf(call({ procedure: 128 })), [100003, -1]],
    ['a program above 2³¹', messageOf(call({ program: 0xfffffffe })), [-2, 3 * 128 * 2]],
    ['a reply of nobody knows what', messageOf(reply()), [-1, -1]],
  ])('%s', (_, message, expected) => {
    const reader = unitOf(new UnitWriter(8), message);
    expect([reader.program, reader.kind]).toEqual(expected);
  });
});

test('text that was made ahead is found where it was put', () => {
  const reader = unitOf(new UnitWriter(8), messageOf(call()));
  expect([reader.textStart, reader.textEnd]).toEqual([0, 0]);
  reader.setText(40, 99);
  expect([reader.textStart, reader.textEnd]).toEqual([40, 99]);
});
