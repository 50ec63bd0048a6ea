/**
 * One traffic gives one set of records, whatever it is written in: all formats and compressions, one file or several. Times are
 * microseconds, which all formats have. Records are compared by Node's assert, because `toEqual` takes longer than reading them.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { open, type RpcRecord } from '../../src/index.js';
import {
  PCAP_MICROSECONDS,
  PCAP_MODIFIED,
  PCAP_NANOSECONDS,
  type TestFrame,
  writeIptrace,
  writePcap,
  writePcapng,
  writeSnoop,
  writeZstd,
} from '../helpers/capture-writer.js';
import { framesOf } from '../helpers/frames.js';
import { FIXTURES, library } from '../helpers/render.js';
import { ownFolder } from '../helpers/with-folder.js';

const CAPTURES = [
  'nfs3/allprocs-start.pcap',
  'nfs3/udp-ipfrag.pcap',
  'rpc/errors-auth.pcap',
  'custom/inventory-fragments.pcap',
];

type Writer = (frames: readonly TestFrame[]) => Buffer;

const pcap =
  (magic: number, bigEndian: boolean): Writer =>
  (frames) =>
    writePcap(frames, { magic, bigEndian, ...(magic === PCAP_MODIFIED && { extraRecordHeader: Buffer.alloc(8) }) });

const FORMATS: [name: string, write: Writer][] = [
  ['pcap, µs', pcap(PCAP_MICROSECONDS, false)],
  ['pcap, µs, big-endian', pcap(PCAP_MICROSECONDS, true)],
  ['pcap, ns', pcap(PCAP_NANOSECONDS, false)],
  ['pcap, ns, big-endian', pcap(PCAP_NANOSECONDS, true)],
  ['pcap, modified', pcap(PCAP_MODIFIED, false)],
  ['pcap, modified, big-endian', pcap(PCAP_MODIFIED, true)],
  ['pcapng', (frames) => writePcapng(frames)],
  ['pcapng, big-endian', (frames) => writePcapng(frames, { bigEndian: true })],
  ['snoop', (frames) => writeSnoop(frames)],
  ['iptrace', (frames) => writeIptrace(frames)],
];
const COMPRESSIONS: [name: string, compress: (data: Buffer) => Buffer][] = [
  ['', (data) => data],
  [', gzip', (data) => gzipSync(data)],
  [', zstd', writeZstd],
];

const folder = ownFolder();

async function recordsIn(...paths: string[]): Promise<RpcRecord[]> {
  const records: RpcRecord[] = [];
  const onProblem = ({ message }: { message: string }) => expect.fail(message);
  for await (const record of open(paths, { library, onProblem })) records.push(record);
  return records;
}

function written(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What does not depend on how many files there are: frames are numbered within theirs. */
function withoutPlaces(records: readonly RpcRecord[]) {
  return records.map(({ frame: _, frames, file: __, call_frame, call_file: ___, retransmission, ...rest }) => ({
    ...rest,
    frames: frames?.count,
    isAnswer: call_frame !== undefined,
    retransmission: retransmission?.kind,
  }));
}

describe.each(CAPTURES)('%s', (capture) => {
  let frames: TestFrame[];
  let expected: RpcRecord[];

  beforeAll(async () => {
    frames = await framesOf(join(FIXTURES, 'captures', capture));
    expected = await recordsIn(written('whole', writePcap(frames)));
  });

  test('is not empty', () => expect(expected.length).toBeGreaterThan(30));

  test.each(FORMATS)('%s', async (_, write) => {
    const content = write(frames);
    for (const [name, compress] of COMPRESSIONS) {
      deepStrictEqual([name, await recordsIn(written('same', compress(content)))], [name, expected]);
    }
  });

  describe('in several files', () => {
    const parts = (sizes: readonly number[]) => {
      const ends = sizes.map((part) => Math.floor(frames.length * part));
      return [0, ...ends].map((start, i) => frames.slice(start, ends[i] ?? frames.length));
    };
    const files = (groups: readonly TestFrame[][], compress = (data: Buffer) => data) =>
      groups.map((group, i) => written(`cap.pcap${i}`, compress(writePcap(group))));
    const seventh = Array.from({ length: 11 }, (_, i) => (i + 1) / 12);

    test.each<[string, () => string[]]>([
      ['split in two', () => files(parts([0.5]))],
      ['rotated', () => files(parts(seventh))],
      ['rotated, named in another order', () => files(parts(seventh)).reverse()],
      ['rotated and compressed', () => files(parts(seventh), (data) => gzipSync(data))],
      ['of different formats', () => parts(seventh).map((part, i) => written(`mixed${i}`, FORMATS[i % 10][1](part)))],
      [
        'one frame each',
        () => files(frames.slice(0, 40).map((frame) => [frame])).concat(written('rest', writePcap(frames.slice(40)))),
      ],
      ['merged of two, frame by frame', () => files([0, 1].map((odd) => frames.filter((_, i) => i % 2 === odd)))],
      ['merged of three', () => files([0, 1, 2].map((third) => frames.filter((_, i) => i % 3 === third)))],
      ['with an empty one', () => files([frames.slice(0, 50), [], frames.slice(50)])],
    ])('%s', async (_, write) => {
      const records = await recordsIn(...write());
      deepStrictEqual(withoutPlaces(records), withoutPlaces(expected));
    });

    test.each([
      ['plain', (data: Buffer) => data],
      ['compressed', (data: Buffer) => gzipSync(data)],
    ])('as a directory, %s', async (name, compress) => {
      const directory = join(folder, `${name}-${frames.length}`);
      mkdirSync(directory);
      for (const [i, part] of parts(seventh).entries()) {
        writeFileSync(join(directory, `cap.pcap${i}`), compress(writePcap(part)));
      }
      deepStrictEqual(withoutPlaces(await recordsIn(directory)), withoutPlaces(expected));
    });
  });
});
