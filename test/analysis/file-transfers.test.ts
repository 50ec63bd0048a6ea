/** What READ and WRITE carried where replies are incomplete, come twice, or belong to calls that were cut. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileTransfers } from '../../src/analysis/file-transfers.js';
import { Inspection } from '../../src/index.js';
import { bytes, writePcap } from '../helpers/capture-writer.js';
import { NfsTraffic, u64 } from '../helpers/nfs-traffic.js';
import { stateid } from '../helpers/nfs4.js';
import { client, server, type TestPacket, udpFragments } from '../helpers/packets.js';
import { library } from '../helpers/render.js';
import { opaque, reply, words } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const folder = ownFolder();

/** The transfers of a capture, as `file@offset: data`, and how many had no known file or offset. */
async function transfersOf(packets: readonly TestPacket[], options: { exchanges?: number } = {}) {
  const path = join(folder, 'transfers.pcap');
  writeFileSync(path, writePcap(packets, { linkType: 101 }));
  const found: string[] = [];
  const inspection: Inspection = await Inspection.open([path], { library, ...options }, (each) =>
    transfers.add(each, true),
  );
  const transfers = new FileTransfers(inspection.dissector, {
    isKnown: () => true,
    data: ({ handle }, _kind, offset, data) => {
      found.push(`${Buffer.from(handle)}@${offset}: ${Buffer.from(data)}`);
    },
    same: () => {},
    zeros: () => {},
    size: () => {},
    failed: () => {},
  });
  await inspection.run();
  return { found, unplaced: transfers.unplaced };
}

/** A READ of 24 bytes: its call, the fragments of its reply, and the first fragment of another one, which is incomplete. */
function readInFragments() {
  const data = 'the data of the file ...';
  const [{ data: call }] = new NfsTraffic().read('file', 8, data).packets;
  const answer = reply({ xid: 1, result: bytes(words(0, 0, data.length, 0), opaque(data)) });
  const whole = udpFragments(server, client, answer, 64, 7);
  const [part] = udpFragments(server, client, answer, 64, 8);
  const at = (seconds: number, ...packets: Uint8Array[]) => packets.map((packet) => ({ data: packet, seconds }));
  return { call, whole, part, at };
}

test('a READ whose first reply was incomplete is taken from the one that follows', async () => {
  const { call, whole, part, at } = readInFragments();
  const found = await transfersOf([at(1, call, part), at(40, call, ...whole)].flat());
  expect(found).toEqual({ found: ['file@8: the data of ', 'file@8: the data of the file ...'], unplaced: 0 });
});

test('an incomplete second reply is no transfer of an unknown file', async () => {
  const { call, whole, part, at } = readInFragments();
  const { unplaced } = await transfersOf([at(1, call, ...whole), at(2, call, part)].flat());
  expect(unplaced).toBe(0);
});

// Operations that change the current file to one whose handle the call does not contain.
const OPEN_BY_NAME = bytes(words(18, 1, 1, 0, 0, 5), opaque('owner'), words(0, 0), opaque('name'));
const OPENED = bytes(stateid(1), words(0, 0, 1, 0, 1, 0, 0, 0));
test.each<[string, number, Uint8Array, Uint8Array]>([
  ['PUTROOTFH', 24, words(), words()],
  ['PUTPUBFH', 23, words(), words()],
  ['LOOKUP', 15, opaque('name'), words()],
  ['LOOKUPP', 16, words(), words()],
  ['OPENATTR', 19, words(0), words()],
  ['CREATE', 6, bytes(words(2), opaque('name'), words(0, 0)), words(0, 0, 1, 0, 1, 0)],
  ['OPEN by name', 18, OPEN_BY_NAME.subarray(4), OPENED],
])('behind %s a READ is not of the file that was current before', async (_, number, args, result) => {
  const [PUTFH, READ] = [22, 25];
  const read = bytes(stateid(1), u64(0), words(100));
  const traffic = new NfsTraffic().compound(
    [
      [PUTFH, opaque('file')],
      [READ, read],
      [number, args],
      [READ, read],
    ],
    [
      [PUTFH, words()],
      [READ, bytes(words(1), opaque('of the file'))],
      [number, result],
      [READ, bytes(words(1), opaque('of another'))],
    ],
  );
  expect(await transfersOf(traffic.packets)).toEqual({ found: ['file@0: of the file'], unplaced: 1 });
});

test('a call that was cut before its READ is not taken for the earlier call that had its place', async () => {
  const [PUTFH, READ] = [22, 25];
  const read = (traffic: NfsTraffic, handle: string) =>
    traffic.compound(
      [
        [PUTFH, opaque(handle)],
        [READ, bytes(Buffer.alloc(16), u64(0), words(100))],
      ],
      [
        [PUTFH, Buffer.alloc(0)],
        [READ, bytes(words(1), opaque(`data of ${handle}`))],
      ],
    );
  const traffic = new NfsTraffic();
  const calls = ['early', 'other'].flatMap((handle) => {
    const [call, answer] = read(traffic, handle).packets.splice(0);
    return handle === 'early' ? [call] : [{ ...call, data: call.data.subarray(0, 96) }, answer];
  });
  expect(await transfersOf(calls, { exchanges: 1 })).toEqual({ found: [], unplaced: 1 });
});
