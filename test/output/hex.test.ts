/** Bytes in colour: the header has one style, the fields of the body alternate between two. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DissectorLibrary } from '../../src/dissect/library.js';
import { Inspection } from '../../src/index.js';
import { HexWriter } from '../../src/output/hex.js';
import type { Style, Styles } from '../../src/terminal/style.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { bytes, type TestFrame, writePcap } from '../helpers/capture-writer.js';
import { startCpuTime } from '../helpers/cpu-time.js';
import { client, server, tcp, udp } from '../helpers/packets.js';
import { library } from '../helpers/render.js';
import { call, opaque, record, words } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const folder = ownFolder();

/** Each style as a pair of brackets. */
const bracket = (open: string, close: string): Style => ({ open, close });
const other = bracket('?', '?');
const STYLES: Styles = {
  time: other,
  program: bracket('[', ']'),
  call: other,
  reply: bracket('<', '>'),
  error: other,
  warning: other,
  dim: other,
  heading: other,
  bytes: bracket('{', '}'),
};

async function hexOf(packets: readonly (Uint8Array | TestFrame)[], dissectors = library): Promise<string> {
  const path = join(folder, 'hex.pcap');
  const frames = packets.map((packet) => (packet instanceof Uint8Array ? { data: packet } : packet));
  writeFileSync(path, writePcap(frames, { linkType: 101 }));
  const out = new ByteWriter();
  const inspection: Inspection = await Inspection.open([path], { library: dissectors }, (dissection) =>
    hex.write(dissection),
  );
  const hex = new HexWriter(out, inspection.dissector, STYLES);
  await inspection.run();
  return out.toString();
}

test('a field keeps its style over lines', async () => {
  const lookup = call({ procedure: 3, args: bytes(opaque('a handle of 20 bytes'), opaque('name')) });
  expect(await hexOf([udp(client, server, lookup)])).toMatchInlineSnapshot(`
    "0000  [00 00 00 01 00 00 00 00  00 00 00 02 00 01 86 a3 ] [................]
    0010  [00 00 00 03 00 00 00 03  00 00 00 00 00 00 00 00 ] [................]
    0020  [00 00 00 00 00 00 00 00  ]<00 00 00 14 61 20 68 61 > [........]<....a ha>
    0030  <6e 64 6c 65 20 6f 66 20  32 30 20 62 79 74 65 73 > <ndle of 20 bytes>
    0040  {00 00 00 04 6e 61 6d 65  }                         {....name}

    "
  `);
});

test('whole lines, one of less than eight bytes, and bytes that were not captured', async () => {
  const ascii = udp(client, server, call({ args: Buffer.from(' ~\x7f\x1f\x80a"\\', 'latin1') }));
  const denied = udp(server, client, bytes(words(1, 1, 1, 0, 2), Buffer.from('rest')));
  const cut = { data: denied.subarray(0, denied.length - 1), wireLength: denied.length };
  expect(await hexOf([ascii, denied, cut])).toMatchInlineSnapshot(`
    "0000  [00 00 00 01 00 00 00 00  00 00 00 02 00 01 86 a3 ] [................]
    0010  [00 00 00 03 00 00 00 00  00 00 00 00 00 00 00 00 ] [................]
    0020  [00 00 00 00 00 00 00 00  ]20 7e 7f 1f 80 61 22 5c  [........] ~...a"\\

    0000  [00 00 00 01 00 00 00 01  00 00 00 01 00 00 00 00 ] [................]
    0010  [00 00 00 02 72 65 73 74  ]                         [....rest]

    0000  [00 00 00 01 00 00 00 01  00 00 00 01 00 00 00 00 ] [................]
    0010  [00 00 00 02 72 65 73 ]                             [....res]
          (1 more byte not captured)

    "
  `);
});

test('a message of 200,000 fields takes time in proportion to them', async () => {
  const specification = join(folder, 'numbers.x');
  writeFileSync(specification, 'program NUMBERS { version ONE { void SUM(unsigned<>) = 1; } = 1; } = 0x20000001;');
  const numbers = Buffer.alloc(4 * 200_000);
  const args = bytes(words(200_000), numbers);
  const message = record(call({ program: 0x20000001, version: 1, procedure: 1, args }));
  const packets: Buffer[] = [];
  for (let at = 0; at < message.length; at += 60_000) {
    packets.push(tcp(client, server, message.subarray(at, at + 60_000), { sequence: 1 + at }));
  }
  const cpuSeconds = startCpuTime();
  const hex = await hexOf(packets, new DissectorLibrary([specification]));
  expect(cpuSeconds()).toBeLessThan(20);
  expect(hex.split('<00')).toHaveLength(100_001);
});
