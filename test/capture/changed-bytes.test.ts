/** Every byte of small captures is changed: that costs the record that it is in, and none before or behind it. */
import { describe, expect, it } from 'vitest';
import { type OwnedFrame, readCapture, traceCapture } from '../helpers/capture-reader.js';
import { bytes, type TestFrame, writeIptrace, writePcap, writePcapng, writeSnoop } from '../helpers/capture-writer.js';

/** Lengths and contents differ, and the contents look like no record: words of two, three and four bytes. */
const FRAMES: readonly TestFrame[] = [40, 133, 21, 1, 90, 33].map((length, index) => ({
  data: Buffer.from(Array.from({ length }, (_, n) => (n * 0x5b + 0x11 * index + 1) & 0xff)),
  seconds: 1_700_000_000 + index,
  nanoseconds: index * 7_000,
}));
const joined = (write: (frames: readonly TestFrame[]) => Buffer) =>
  bytes(write(FRAMES.slice(0, 3)), write(FRAMES.slice(3)));
const CHANGES = [0x01, 0x10, 0x80];

/** Changes that cost more than the record whose bytes they are in, as lines of text. */
function losses(capture: Buffer, from: number): string[] {
  const whole = traceCapture(capture);
  const found: string[] = [];
  for (let at = from; at < capture.length; at++) {
    const own = whole.ends.findIndex((end) => at < end);
    for (const change of CHANGES) {
      const damaged = Buffer.from(capture);
      damaged[at] ^= change;
      const { frames, fault, damage } = readCapture(damaged);
      const kept = new Set(frames.map(identity));
      const lost = whole.frames.filter((frame, index) => index !== own && !kept.has(identity(frame)));
      if (lost.length === 0) continue;
      const numbers = lost.map(({ number }) => number);
      found.push(`byte ${at} ^ ${change} of frame ${own + 1} costs ${numbers}: ${damage?.reason} ${fault?.reason}`);
    }
  }
  return found;
}

function identity({ data, seconds, nanoseconds, wireLength, linkType }: OwnedFrame): string {
  return [data, seconds, nanoseconds, wireLength, linkType].join(' ');
}

describe('a changed byte costs one record', () => {
  it.each<[string, Buffer, fileHeader: number]>([
    ['pcap', writePcap(FRAMES), 24],
    ['pcap, big-endian', writePcap(FRAMES, { bigEndian: true }), 24],
    // A section header of 28 bytes and an interface description of 32; pcapng.test.ts changes these.
    ['pcapng', writePcapng(FRAMES), 60],
    ['pcapng, big-endian', writePcapng(FRAMES, { bigEndian: true }), 60],
    ['snoop', writeSnoop(FRAMES), 16],
    ['iptrace 1.0', writeIptrace(FRAMES, { version: '1.0' }), 11],
    ['iptrace 2.0', writeIptrace(FRAMES), 11],
  ])('%s', (_, capture, fileHeader) => {
    expect(losses(capture, fileHeader)).toEqual([]);
  });
});

// The second file's header says how its records are to be read: where it is damaged, they may be lost.
it.each<[string, Buffer, from: number, to: number]>([
  ['pcap', joined(writePcap), 24, writePcap(FRAMES.slice(0, 3)).length],
  ['snoop', joined(writeSnoop), 16, writeSnoop(FRAMES.slice(0, 3)).length],
  ['iptrace', joined(writeIptrace), 11, writeIptrace(FRAMES.slice(0, 3)).length],
])('a changed byte before a second file costs one record: %s', (_, capture, from, to) => {
  expect(losses(capture, from).filter((line) => Number(/\d+/.exec(line)) < to)).toEqual([]);
});
