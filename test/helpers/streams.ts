/** Sinks that keep what network hands on, as text for tables. */
import type { Direction, Flow } from '../../src/network/flow.js';
import type { IcmpError } from '../../src/network/icmp.js';
import { type Carriage, Network, type NetworkOptions, type TransportSink } from '../../src/network/network.js';
import { newStamp } from '../../src/network/stamp.js';
import type { EndReason, StreamSink } from '../../src/network/stream.js';
import { giveFrame, type TestPacket } from './packets.js';

/** What one direction of a connection had: bytes, and holes as their length. */
export type Run = (Buffer | number)[];

export interface KeptStream {
  runs: [Run, Run];
  /** In order: `begin 0`, `abc`, `skip 3`, `again 1`, `end closed`; of direction 1 in `<…>`. */
  log: string[];
  end: EndReason | null;
}

export interface KeptDatagram {
  data: Buffer;
  length: number;
  direction: Direction;
  from: string;
  to: string;
  frame: number;
  firstFrame: number;
  frames: number;
  lost: boolean;
  duplicate: boolean;
}

/** A packet that an ICMP error quoted: its transport and direction, and what was quoted of its payload. */
export interface KeptQuote extends IcmpError {
  protocol: number;
  direction: Direction;
  text: string;
}

export interface Kept {
  network: Network;
  streams: KeptStream[];
  datagrams: KeptDatagram[];
  quotes: KeptQuote[];
}

export function keep(options: NetworkOptions = {}): Kept {
  const streams: KeptStream[] = [];
  const datagrams: KeptDatagram[] = [];
  const quotes: KeptQuote[] = [];
  const sink: TransportSink = {
    datagram: (flow, direction, bytes, start, end, length, carriage) => {
      datagrams.push(ownDatagram(flow, direction, bytes.subarray(start, end), length, network.now.frame, carriage));
      return false;
    },
    open: () => {
      const stream: KeptStream = { runs: [[], []], log: [], end: null };
      streams.push(stream);
      return sinkOf(stream);
    },
    quoted: ({ protocol }, direction, bytes, start, end, error) =>
      quotes.push({ protocol, direction, text: Buffer.from(bytes.subarray(start, end)).toString('latin1'), ...error }),
  };
  const network: Network = new Network(sink, newStamp(), options);
  return { network, streams, datagrams, quotes };
}

function ownDatagram(
  flow: Flow,
  direction: Direction,
  data: Uint8Array,
  length: number,
  frame: number,
  { firstFrame, frames, lost, duplicate }: Carriage,
): KeptDatagram {
  const [from, to] = [flow.source(direction), flow.destination(direction)].map(
    ({ address, port }) => `${address} ${port}`,
  );
  return { data: Buffer.from(data), length, direction, from, to, frame, firstFrame, frames, lost, duplicate };
}

function sinkOf(stream: KeptStream): StreamSink {
  const note = (direction: Direction, text: string) => stream.log.push(direction === 0 ? text : `<${text}>`);
  return {
    begin: (direction, fromStart) => note(direction, fromStart ? 'begin' : 'join'),
    data: (direction, bytes, start, end) => {
      const data = Buffer.from(bytes.subarray(start, end));
      stream.runs[direction].push(data);
      note(direction, data.toString('latin1'));
    },
    skip: (direction, length) => {
      stream.runs[direction].push(length);
      note(direction, `skip ${length}`);
    },
    retransmission: (direction) => note(direction, 'again'),
    ending: (reason) => stream.log.push(`ending ${reason}`),
    end: (reason) => {
      stream.end = reason;
      stream.log.push(`end ${reason}`);
    },
  };
}

/** All packets, and the end. Frames are numbered from 1. */
export function keepAll(packets: readonly (Uint8Array | TestPacket)[], options: NetworkOptions = {}): Kept {
  const kept = keep(options);
  packets.forEach((packet, index) => {
    giveFrame(kept.network, packet instanceof Uint8Array ? { data: packet, seconds: 0 } : packet, index + 1);
  });
  kept.network.finish();
  return kept;
}
