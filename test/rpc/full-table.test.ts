/** A full table of exchanges: calls that still wait stay, and of those that had to leave a late reply tells. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DATAGRAM_ANSWER_SECONDS, STAYING_SHARE } from '../../src/limits/rpc.js';
import { ExchangeTable } from '../../src/rpc/exchanges.js';
import { Message } from '../../src/rpc/message.js';
import { CallStream, type StreamEnd, type UnansweredOutcome } from '../../src/rpc/outcome.js';
import { recordsOf } from '../helpers/inspect.js';
import { client, server, type TestPacket, udp } from '../helpers/packets.js';
import { call, reply, words } from '../helpers/rpc-writer.js';

const CAPACITY = 64;

const STAYING = CAPACITY * STAYING_SHARE;
const host = { id: 2, address: '10.0.0.2', port: 2049 };
const UDP_OWNER = 7;

/** Calls and replies over one table, a second apart; the xid is the procedure, too. */
class Dialogue {
  readonly unanswered: [xid: number, outcome: UnansweredOutcome][] = [];
  readonly stream = new CallStream(8);
  readonly table = new ExchangeTable(CAPACITY, (slot, outcome) => this.unanswered.push([this.xids[slot], outcome]));
  private readonly xids: number[] = [];
  private frame = 0;

  constructor(private readonly isDatagram = false) {}

  call(xid: number, argument = 0): this {
    const message = this.message(xid, words(xid, argument));
    this.table.call(message, this.owner, host, this.isDatagram ? null : this.stream);
    this.xids[message.exchange] = xid;
    return this;
  }

  reply(xid: number): Message {
    const message = this.message(xid, words(xid, 1, 0));
    message.resetHeader();
    this.table.reply(message, this.owner, true, this.isDatagram ? null : this.stream);
    return message;
  }

  /** As many calls that are answered at once. */
  others(count: number, from = 1000): this {
    for (let i = 0; i < count; i++) this.call(from + i).reply(from + i);
    return this;
  }

  end(): this {
    const end: StreamEnd = { isConnectionEnd: true, sawReplies: true, state: 'closed' };
    this.table.ended(this.stream, host, host, end, this.frame);
    for (const _ of this.table.finish(this.frame, () => null));
    return this;
  }

  private get owner(): number {
    return this.isDatagram ? UDP_OWNER : this.stream.owner;
  }

  private message(xid: number, data: Uint8Array): Message {
    const frame = ++this.frame;
    const place = { bytes: data, start: 0, end: data.length, length: data.length, body: 0, source: host };
    return Object.assign(new Message(), {
      ...place,
      xid,
      frame,
      seconds: frame,
      program: 1,
      version: 1,
      procedure: xid,
    });
  }
}

test('the slowest call has its reply, after many turns of the table', () => {
  const message = new Dialogue()
    .call(1)
    .others(10 * CAPACITY)
    .reply(1);
  expect(message).toMatchObject({ callFrame: 1, procedure: 1, isAnswer: true, elapsed: 1281e9 });
});

describe('calls that do not stay', () => {
  test.each<[string, Dialogue, outcome: UnansweredOutcome | undefined]>([
    ['over UDP, for longer than a reply may take', new Dialogue(true).call(1), 'never_answered'],
    ['whose xid the client used for another call', new Dialogue().call(1).call(1, 5), 'never_answered'],
  ])('%s', (_, dialogue, outcome) => {
    dialogue.others(DATAGRAM_ANSWER_SECONDS + CAPACITY);
    expect(dialogue.unanswered[0]).toEqual([1, outcome]);
  });

  test('where more wait than may stay, each has its reply or is known to be forgotten', () => {
    const dialogue = new Dialogue().others(1);
    const waiting = Array.from({ length: 3 * STAYING }, (_, i) => i + 1);
    for (const xid of waiting) dialogue.call(xid);
    dialogue.others(4 * CAPACITY, 5000);
    const replies = waiting.map((xid) => dialogue.reply(xid));
    const { evictedUnanswered } = dialogue.table.counts;
    expect(replies.every(({ callFrame, xid }) => callFrame === 2 + xid)).toBe(true);
    expect(replies.filter(({ isAnswer }) => isAnswer)).toHaveLength(waiting.length - evictedUnanswered);
    expect(replies.filter(({ isCallForgotten }) => isCallForgotten)).toHaveLength(evictedUnanswered);
    expect(evictedUnanswered).toBeGreaterThanOrEqual(2 * STAYING);
  });
});

test('the end of a connection finds calls that stayed, also where the chain to them is broken', () => {
  const dialogue = new Dialogue()
    .others(1)
    .call(1)
    .others(CAPACITY)
    .call(2)
    .others(3 * CAPACITY)
    .call(3)
    .end();
  expect(dialogue.unanswered).toEqual([
    [1, 'never_answered'],
    [2, 'never_answered'],
    [3, 'connection_ended'],
  ]);
});

test('replies that were lost before a call stayed were lost', () => {
  const dialogue = new Dialogue().others(1).call(1);
  dialogue.table.repliesLost(dialogue.stream);
  dialogue
    .call(2)
    .others(3 * CAPACITY)
    .end();
  expect(dialogue.unanswered).toEqual([
    [1, 'lost_to_capture'],
    [2, 'never_answered'],
  ]);
});

test('as many calls as may stay have their replies in whatever order they come', () => {
  const steps = fc.array(fc.nat(99), { minLength: 200, maxLength: 600 });
  fc.assert(
    fc.property(steps, (choices) => {
      const dialogue = new Dialogue().others(1);
      const waiting: number[] = [];
      let next = 5000;
      for (const choice of choices) {
        if (choice < 50) dialogue.others(1, next++);
        else if (choice < 75 && waiting.length < STAYING) {
          dialogue.call(next);
          waiting.push(next++);
        } else if (waiting.length > 0) {
          const [xid] = waiting.splice(choice % waiting.length, 1);
          expect(dialogue.reply(xid)).toMatchObject({ isAnswer: true, procedure: xid });
        }
      }
      dialogue.end();
      expect(dialogue.unanswered.map(([xid]) => xid).sort((a, b) => a - b)).toEqual(waiting);
    }),
    { numRuns: 100 },
  );
});

test('a host whose flows were forgotten meanwhile is the same host', () => {
  const table = new ExchangeTable(CAPACITY);
  const message = (frame: number, source: object) => {
    const data = words(1, 1, 0);
    return Object.assign(new Message(), { bytes: data, end: 12, length: 12, xid: 1, frame, program: 1, source });
  };
  table.call(message(1, { id: 1 }), UDP_OWNER, host);
  const replies = [3, 4, 5].map((id) => message(id, { ...host, id }));
  for (const each of replies) table.reply(each, UDP_OWNER, true);
  expect(replies.map(({ notes, retransmission }) => [notes, retransmission])).toEqual([
    [[], null],
    [[], 'duplicate_reply'],
    [[], 'duplicate_reply'],
  ]);
});

test('the record of a reply to a forgotten call names its frame, and says why its body was not decoded', () => {
  const toServer = (seconds: number, xid: number): TestPacket => ({
    data: udp(client, server, call({ xid, args: words(xid) })),
    seconds,
    nanoseconds: 0,
  });
  const toClient = (seconds: number, xid: number): TestPacket => ({
    data: udp(server, client, reply({ xid, result: words(7) })),
    seconds,
    nanoseconds: 0,
  });
  const others = Array.from({ length: 20 }, (_, i) => [toServer(70 + i, 100 + i), toClient(70 + i, 100 + i)]);
  const records = recordsOf([toServer(1, 1), ...others.flat(), toClient(99, 1)], undefined, false, 16);
  expect(records.at(-1)).toMatchObject({ type: 'reply', call_frame: 1, elapsed: 98, undecoded: { reason: 'evicted' } });
});
