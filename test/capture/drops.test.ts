/** What capture files say of frames that were dropped while they were recorded. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { missingParts } from '../../src/analysis/account.js';
import { Inspection } from '../../src/index.js';
import { bytes, PcapngWriter, u32, writeSnoop } from '../helpers/capture-writer.js';
import { library } from '../helpers/render.js';
import { ownFolder } from '../helpers/with-folder.js';

const DATA = bytes('0102030405');
const IF_DROPS = 5;
const OS_DROPS = 7;
const START = 2;
const PACKET_DROPS = 4;

const folder = ownFolder();

async function dropsOf(...captures: Uint8Array[]): Promise<{ frames: number; parts: string[] }> {
  const paths = captures.map((_, index) => join(folder, `${index}`));
  captures.forEach((capture, index) => {
    writeFileSync(paths[index], capture);
  });
  const account = await (await Inspection.open(paths, { library }, () => {})).run();
  return { frames: account.droppedFrames, parts: missingParts(account) };
}

const pcapng = (bigEndian = false) => new PcapngWriter().section(bigEndian).interface({ name: 'eth0' }).enhanced(DATA);

/** An Interface Statistics Block with options of 64 bits. */
function statistics(writer: PcapngWriter, options: [code: number, value: number | bigint][], id = 0): PcapngWriter {
  return writer.block(
    5,
    bytes(writer.u32(id), Buffer.alloc(8), ...options.map((option) => counted(writer, ...option))),
  );
}

function counted(writer: PcapngWriter, code: number, value: number | bigint): Buffer {
  const high = writer.u32(Number(BigInt(value) >> 32n));
  const low = writer.u32(Number(BigInt(value) & 0xffffffffn));
  // The order of the words is that of the section, whose byte order `u32` knows.
  const isBigEndian = writer.u16(1)[1] === 1;
  return writer.option(code, isBigEndian ? bytes(high, low) : bytes(low, high));
}

test.each<[string, Uint8Array, number]>([
  ['none', pcapng().bytes(), 0],
  [
    'interface and system',
    statistics(pcapng(), [
      [IF_DROPS, 100],
      [OS_DROPS, 7],
    ]).bytes(),
    107,
  ],
  [
    'big-endian',
    statistics(pcapng(true), [
      [IF_DROPS, 100],
      [OS_DROPS, 7],
    ]).bytes(),
    107,
  ],
  [
    'the last of two statistics, for they count on',
    statistics(statistics(pcapng(), [[IF_DROPS, 3]]), [[IF_DROPS, 5]]).bytes(),
    5,
  ],
  ['two interfaces', statistics(statistics(pcapng().interface(), [[IF_DROPS, 3]]), [[IF_DROPS, 5]], 1).bytes(), 8],
  ['an unknown number', statistics(pcapng(), [[IF_DROPS, 0xffffffffffffffffn]]).bytes(), 0],
  ['an interface that is not described', statistics(pcapng(), [[IF_DROPS, 3]], 9).bytes(), 0],
  [
    'packets, behind a comment',
    pcapng()
      .enhanced(DATA, 0n, { options: bytes(pcapng().option(1, DATA), counted(pcapng(), PACKET_DROPS, 4)) })
      .enhanced(DATA, 0n, { options: counted(pcapng(), PACKET_DROPS, 5) })
      .bytes(),
    9,
  ],
  [
    'packets and statistics, which count the same',
    statistics(pcapng().enhanced(DATA, 0n, { options: counted(pcapng(), PACKET_DROPS, 4) }), [[IF_DROPS, 6]]).bytes(),
    6,
  ],
  [
    'snoop',
    bytes(writeSnoop([{ data: DATA }]), u32(5), u32(5), u32(32), u32(4321), Buffer.alloc(8), DATA, [0, 0, 0]),
    4321,
  ],
])('%s', async (_, capture, expected) => {
  const parts =
    expected === 0 ? [] : [`${expected.toLocaleString('en')} frames dropped while recording, as the capture says`];
  const { frames, parts: said } = await dropsOf(capture);
  expect(frames).toBe(expected);
  expect(said).toEqual(expect.arrayContaining(parts));
});

test('the files of a ring buffer count from the start of their recording: the highest number counts', async () => {
  const file = (drops: number, start: number) =>
    statistics(pcapng(), [
      [START, start],
      [IF_DROPS, drops],
    ]).bytes();
  expect((await dropsOf(file(3, 1), file(10, 1), file(7, 1), file(5, 2))).frames).toBe(15);
});

test('files that name no recording are recordings of their own', async () => {
  const file = (drops: number) => statistics(pcapng(), [[IF_DROPS, drops]]).bytes();
  expect((await dropsOf(file(3), file(10))).frames).toBe(13);
});
