/** A second pass finds the frames of the first, whatever has happened to the captures in the meantime. */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { CaptureError } from '../../src/capture/source.js';
import { type FrameSink, Inspection } from '../../src/library/inspection.js';
import { writePcap } from '../helpers/capture-writer.js';
import { client, server, udp } from '../helpers/packets.js';
import { call } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const folder = ownFolder();

/** A capture with a frame at each of these times, in seconds. */
const capture = (...times: number[]) =>
  writePcap(
    times.map((seconds) => ({ data: udp(client, server, call({ xid: seconds })), seconds })),
    { linkType: 101 },
  );

const FILE_HEADER = 24;

test('a second pass reads the same frames, although captures were added and have grown', async () => {
  const times: number[] = [];
  const onFrame: FrameSink = ({ seconds }) => times.push(seconds);
  const at = (name: string) => join(folder, name);
  writeFileSync(at('b.pcap'), capture(1, 4));
  writeFileSync(at('c.pcap'), capture(2, 5));
  writeFileSync(at('d.pcap.gz'), gzipSync(capture(3, 6)));
  const first = await Inspection.open([folder], { onFrame }, () => {});
  await first.run();
  writeFileSync(at('a.pcap'), capture(0));
  appendFileSync(at('b.pcap'), capture(4, 5).subarray(FILE_HEADER));
  const { captures } = first;
  const second = await Inspection.reopen(captures, { onFrame }, () => {});
  await second.run();
  expect(times).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
  rmSync(at('c.pcap'));
  await expect(Inspection.reopen(captures, {}, () => {})).rejects.toThrow(CaptureError);
});

test.each([
  ['written anew', (data: Uint8Array) => data],
  ['written anew, compressed', gzipSync],
])('no second pass over a capture that was %s, as files of a ring buffer are', async (name, compress) => {
  const path = join(folder, `${name}.pcap`);
  writeFileSync(path, compress(capture(1, 4)));
  const first = await Inspection.open([path], {}, () => {});
  await first.run();
  writeFileSync(path, compress(capture(7, 8, 9)));
  await expect(Inspection.reopen(first.captures, {}, () => {})).rejects.toThrow('it has other contents by now');
});
