/** Socket addresses of several systems, as netbufs carry them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { socketAddressText } from '../../src/xdr/socket-address.js';
import { bytes } from '../helpers/capture-writer.js';

const cases: [name: string, bytes: Buffer, text: string | null][] = [
  ['IPv4, little-endian', bytes('0200 0801 0a000002', Buffer.alloc(8)), '10.0.0.2:2049'],
  ['IPv4, big-endian', bytes('0002 0801 0a000002', Buffer.alloc(8)), '10.0.0.2:2049'],
  ['IPv4, BSD', bytes('1002 0801 0a000002', Buffer.alloc(8)), '10.0.0.2:2049'],
  ['IPv6, Linux', bytes('0a00 1691 00000000', Buffer.alloc(15), [1], Buffer.alloc(4)), '[::1]:5777'],
  ['IPv6, Solaris', bytes('001a 006f 00000000', Buffer.alloc(15), [1], Buffer.alloc(8)), '[::1]:111'],
  ['IPv6, FreeBSD', bytes('1c1c 006f 00000000', Buffer.alloc(16), Buffer.alloc(4)), '[::]:111'],
  ['a path', bytes('0100', Buffer.from('/run/rpcbind.sock\0')), '/run/rpcbind.sock'],
  ['a path of control characters', bytes('0100 1b5b324a'), null],
  ['another family', bytes('1000', Buffer.alloc(14)), null],
  ['too short', bytes('0200 0801'), null],
  ['IPv6, cut', bytes('0a00 1691', Buffer.alloc(12)), null],
  ['nothing', bytes(''), null],
];
test.each(cases)('%s', (_, address, text) => expect(socketAddressText(address)).toBe(text));

test('any bytes give a text or none', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (data) => void socketAddressText(data)));
});
