/** `-w` in this process: which frames it writes with which comments, and what ends its second reading of files. */
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FrameExport } from '../../src/cli/frame-export.js';
import type { StandardOutput } from '../../src/cli/standard-output.js';
import { Inspection } from '../../src/library/inspection.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { readCapture } from '../helpers/capture-reader.js';
import { writePcap } from '../helpers/capture-writer.js';
import { client, server, udp } from '../helpers/packets.js';
import { library } from '../helpers/render.js';
import { call, reply } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const folder = ownFolder();
const CALLS = 20;
const NFS = { program: 100003, version: 3, procedure: 0 };

/** Calls of an unknown program's procedure, then of NFS, each with its reply; a frame a second. */
const capture = writePcap(
  Array.from({ length: CALLS }, (_, xid) => [
    {
      data: udp(client, server, call(xid < CALLS / 2 ? { xid, program: 99, version: 1 } : { xid, ...NFS })),
      seconds: 2 * xid,
    },
    { data: udp(server, client, reply({ xid })), seconds: 2 * xid + 1 },
  ]).flat(),
  { linkType: 101 },
);

interface Wanted {
  path: string;
  isStored?: boolean;
  /** By the number of the message, from 1. */
  isSelected?: (number: number) => boolean;
  output?: Partial<StandardOutput>;
}

/** What `-w` has found after its first reading of the capture. */
async function found(name: string, { path, isStored = false, isSelected = () => true, output = {} }: Wanted) {
  const input = join(folder, `${name}.pcap`);
  writeFileSync(input, capture);
  const frames = new FrameExport(path, isStored, { isClosed: false, ...output } as StandardOutput, null);
  const options = { library, onFrame: frames.onFrame };
  const inspection: Inspection = await Inspection.open([input], options, (dissection) =>
    frames.message(dissection, isSelected(dissection.message.number), inspection.dissector),
  );
  await inspection.run();
  frames.finishMessages();
  return { frames, input, inspection };
}

const sent = readCapture(capture).frames.map(({ data }) => data);

/** The seconds of the frames of a capture, which are as they were sent. */
function secondsOf(bytes: Uint8Array): number[] {
  const { frames } = readCapture(bytes);
  expect(frames.map(({ data }) => data)).toEqual(frames.map(({ seconds }) => sent[seconds]));
  return frames.map(({ seconds }) => seconds);
}

describe.each([
  ['files', false],
  ['input that is read only once', true],
] as const)('%s', (name, isStored) => {
  test.each([
    ['nothing', () => false, [], []],
    [
      'a call and its reply',
      (number: number) => number > 2 * CALLS - 2,
      [38, 39],
      ['NFS v3 call NULL', 'NFS v3 reply NULL'],
    ],
    [
      'replies, which bring their calls',
      (number: number) => number === 2 || number === 40,
      [0, 1, 38, 39],
      ['99 v1 reply', 'NFS v3 reply NULL'],
    ],
  ])('%s', async (selection, isSelected, seconds, comments) => {
    const path = join(folder, `${name}-${selection}.out`);
    const { frames, inspection } = await found(`${name}-${selection}`, { path, isStored, isSelected });
    await frames.finish(inspection.captures);
    const bytes = readFileSync(path);
    expect(secondsOf(bytes)).toEqual(seconds);
    expect(bytes.toString('latin1').match(/(99|NFS|RPC)( v\d)? (call|reply)[ A-Z]*/g) ?? []).toEqual(comments);
  });
});

test('standard output', async () => {
  const written: Buffer[] = [];
  const buffer = new ByteWriter();
  const flush = () => {
    written.push(Buffer.from(buffer.bytes.subarray(0, buffer.length)));
    buffer.length = 0;
  };
  const { frames, inspection } = await found('stdout', { path: '-', output: { buffer, flush } });
  await frames.finish(inspection.captures);
  expect(secondsOf(Buffer.concat(written))).toHaveLength(2 * CALLS);
});

test('an interrupt keeps what was written', async () => {
  const path = join(folder, 'interrupted.out');
  const { frames, inspection } = await found('interrupted', { path });
  frames.interrupt();
  expect(frames.isOver).toBe(true);
  await frames.finish(inspection.captures);
  expect(secondsOf(readFileSync(path))).toEqual([0]);
});

/** What is gone by the second reading is not left out without a word. */
test.each([
  ['all', 0, 'written'],
  ['the last frame is gone', 1, '1 frame of the captures gone before the second reading'],
])('%s', async (name, bytes, expected) => {
  const out = join(folder, `${name}.out`);
  const { frames, input, inspection } = await found(name, { path: out });
  truncateSync(input, capture.length - bytes);
  const outcome = await frames.finish(inspection.captures).then(
    () => 'written',
    ({ message }) => message,
  );
  frames.abandon();
  expect([outcome, existsSync(out)]).toEqual([expected, expected === 'written']);
});
