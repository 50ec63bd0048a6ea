/** IEEE 802.11 aggregates (A-MSDU): every packet in them is found, and no length leads out of the frame. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes, u16 } from '../../helpers/capture-writer.js';
import { client, cut, server, udp } from '../../helpers/packets.js';
import { keepAll } from '../../helpers/streams.js';

const HEADER = bytes('8801 0000', Buffer.alloc(18), '1000 8000');
const MACS = 'ffffffffffff 020000000001';
/** Where the text of a subframe begins: behind its header, LLC and SNAP, IP and UDP. */
const TEXT_AT = 14 + 8 + 20 + 8;
const padded = (length: number) => (length + 3) & ~3;
const subframe = (text: string, isLast = false) => {
  const payload = bytes('aaaa03 000000 0800', udp(client, server, Buffer.from(text)));
  const padding = isLast ? 0 : padded(14 + payload.length) - 14 - payload.length;
  return bytes(MACS, u16(payload.length), payload, Buffer.alloc(padding));
};
const aggregate = bytes(HEADER, subframe('one'), subframe('three'), subframe('thirteen', true));
const textsOf = (data: Uint8Array, wireLength = data.length) =>
  keepAll([{ data, wireLength, linkType: 105 }]).datagrams.map((each) => each.data.toString());

test('all packets of an aggregate', () => {
  expect(textsOf(aggregate)).toEqual(['one', 'three', 'thirteen']);
});

test('a subframe that is not IP does not hide the others', () => {
  const arp = bytes(MACS, u16(8), 'aaaa03 000000 0806', Buffer.alloc(2));
  expect(textsOf(bytes(HEADER, arp, subframe('two', true)))).toEqual(['two']);
});

test('cut anywhere: what is there', () => {
  for (let length = 0; length < aggregate.length; length++) {
    const { data, wireLength } = cut(aggregate, length);
    const texts = textsOf(data, wireLength);
    expect([length, texts]).toEqual([length, textsBefore(length)]);
  }
});

/** The texts of which a cut leaves something, or at least their headers. */
function textsBefore(length: number): string[] {
  let begin = HEADER.length;
  return ['one', 'three', 'thirteen'].flatMap((text) => {
    const at = begin + TEXT_AT;
    begin += padded(TEXT_AT + text.length);
    return length < at ? [] : [text.slice(0, length - at)];
  });
}

test('lengths that lie end', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(aggregate.length), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const damaged = Buffer.from(aggregate);
      for (const [at, value] of changes) damaged[at] = value;
      textsOf(damaged);
      textsOf(bytes(HEADER, damaged.subarray(HEADER.length)));
    }),
    { seed: 3, numRuns: 500 },
  );
});
