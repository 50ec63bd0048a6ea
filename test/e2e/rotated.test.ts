/**
 * A recording in several files says the same as one file: where a record refers to a frame, the file that it names or
 * implies is the one that has the frame. Each capture is cut into files of a few frames; then all places are counted over
 * the files again, and must be those of the whole capture. With one thread and two.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { open } from '../../src/index.js';
import { type TestFrame, writePcap } from '../helpers/capture-writer.js';
import { capture } from '../helpers/fixtures.js';
import { framesOf } from '../helpers/frames.js';
import { parseLines } from '../helpers/lines.js';
import { compound, compoundReply, sequence, sequenceReply } from '../helpers/nfs4.js';
import { client, ip, server, udp } from '../helpers/packets.js';
import { program } from '../helpers/program.js';
import { call, reply } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const folder = ownFolder();

/** A call that is resent, one that an ICMP error quotes, and one that repeats a request of NFSv4.1. */
const RARE: TestFrame[] = [
  udp(client, server, call({ xid: 1 })),
  udp(client, server, call({ xid: 2 })),
  ip(server, client, 1, Buffer.concat([Buffer.of(3, 3, 0, 0, 0, 0, 0, 0), udp(client, server, call({ xid: 1 }))])),
  udp(client, server, call({ xid: 2 })),
  udp(server, client, reply({ xid: 2 })),
  udp(server, client, reply({ xid: 2 })),
  udp(client, server, compound(3, sequence(7, 1))),
  udp(server, client, compoundReply(3, 0, sequenceReply(7, 1))),
  udp(client, server, compound(4, sequence(7, 1))),
  udp(server, client, compoundReply(4, 0, sequenceReply(7, 1))),
].map((data, seconds) => ({ data, seconds, nanoseconds: 0 }));

const CAPTURES: [name: string, framesAFile: number, read: () => Promise<readonly TestFrame[]>, linkType: number][] = [
  ['ICMP, resends, replays', 1, async () => RARE, 101],
  ['custom/inventory-fragments.pcap', 3, () => framesOf(capture('custom/inventory-fragments.pcap')), 1],
  ['nfs3/udp-ipfrag.pcap', 5, () => framesOf(capture('nfs3/udp-ipfrag.pcap')), 1],
  ['nlm/blocked.pcap', 10, () => framesOf(capture('nlm/blocked.pcap')), 1],
  ['rpc/rdma.pcap', 3, async () => (await framesOf(capture('rpc/rdma.pcap'))).slice(0, 50), 101],
  ['rpc/gss-krb5i.pcap', 25, () => framesOf(capture('rpc/gss-krb5i.pcap')), 1],
];

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
type AnyRecord = any;

/** Counts the frames of a message, or of what belongs to an exchange, over all files. `own` is the file of the message. */
function globalPlaces(record: AnyRecord, starts: Readonly<Record<string, number>>): AnyRecord {
  const at = (frame: number | undefined, file: string) => (frame === undefined ? undefined : starts[file] + frame);
  const placed = ({ file, ...each }: AnyRecord, own: string) => ({ ...each, frame: at(each.frame, file ?? own) });
  const message = ({ file: own, call_file, frames, ...rest }: AnyRecord) => ({
    ...rest,
    frame: at(rest.frame, own),
    frames: frames && {
      first: at(frames.first, frames.first_file ?? own),
      last: at(frames.last, own),
      count: frames.count,
    },
    call_frame: at(rest.call_frame, call_file ?? own),
    retransmission: rest.retransmission && placed(rest.retransmission, own),
    related: rest.related?.map((each: AnyRecord) => placed(each, own)),
  });
  if (record.exchange === undefined) return message(record);
  const { call: asked, reply: answer, icmp_error, ...rest } = record;
  return {
    ...rest,
    call: asked && message(asked),
    reply: answer && message(answer),
    icmp_error: icmp_error && placed(icmp_error, icmp_error.file),
  };
}

describe.each(CAPTURES)('%s in files of %i frames', (name, count, read, linkType) => {
  let whole: string;
  let directory: string;
  const starts: Record<string, number> = {};

  beforeAll(async () => {
    const frames = await read();
    const path = join(folder, name.replaceAll(/\W/g, '-'));
    whole = `${path}.pcap`;
    writeFileSync(whole, writePcap(frames, { linkType }));
    directory = path;
    mkdirSync(directory);
    for (let start = 0; start < frames.length; start += count) {
      const file = join(directory, `ring.pcap${start}`);
      writeFileSync(file, writePcap(frames.slice(start, start + count), { linkType }));
      starts[file] = start;
    }
    starts[whole] = 0;
  });

  const recordsOf = async (...args: string[]): Promise<AnyRecord[]> => {
    const { status, stdout, stderr } = await program.run(['--json', ...args]);
    expect([status, stderr]).toEqual([0, []]);
    return parseLines(stdout);
  };
  const placed = (records: AnyRecord[]) => records.map((record) => globalPlaces(record, starts));
  const placedInWhole = (records: AnyRecord[]) =>
    placed(
      records.map((record) =>
        record.exchange === undefined
          ? { ...record, file: whole }
          : {
              ...record,
              call: record.call && { ...record.call, file: whole },
              reply: record.reply && { ...record.reply, file: whole },
              icmp_error: record.icmp_error && { ...record.icmp_error, file: whole },
            },
      ),
    );

  test.each([[['--jobs', '1']], [['--jobs', '2']], [['--calls']]])('--json %j', async (options) => {
    const [expected, rotated] = await Promise.all([whole, directory].map((path) => recordsOf(...options, path)));
    expect(expected.length).toBeGreaterThan(0);
    expect(placed(rotated)).toEqual(placedInWhole(expected));
  });

  test.each<[string, (path: string) => AsyncIterable<AnyRecord>]>([
    ['messages', (path) => open(path)],
    ['exchanges', (path) => open(path).exchanges()],
  ])('%s of the library', async (_, read) => {
    const [expected, rotated]: AnyRecord[][] = [[], []];
    for await (const record of read(whole)) expected.push(record);
    for await (const record of read(directory)) rotated.push(record);
    deepStrictEqual(placed(rotated), placedInWhole(expected));
  });
});

describe('text', () => {
  let directory: string;

  beforeAll(() => {
    directory = join(folder, 'text');
    mkdirSync(directory);
    writeFileSync(join(directory, 'rules.yaml'), 'rules:\n  - no_retransmissions: true\n');
    for (const [i, frame] of RARE.entries()) {
      writeFileSync(join(directory, `ring.pcap${i}`), writePcap([frame], { linkType: 101 }));
    }
  });

  test.each<[args: string[], text: string]>([
    [[], '[resend of 1 of ring.pcap1]'],
    [[], '[duplicate of 1 of ring.pcap4]'],
    [[], '[replay of 1 of ring.pcap6]'],
    [['-V'], 'Reply to the call in frame 1 of ring.pcap1, after 3.00s'],
    [['-V'], 'Another transmission of the call in frame 1 of ring.pcap1'],
    [['-V'], 'Another reply than the one in frame 1 of ring.pcap4'],
    [['-V'], 'Replay of the call in frame 1 of ring.pcap6'],
    [['--calls'], '[ICMP error in frame 1 of ring.pcap2: port unreachable (type 3 code 3)]'],
    [['--calls', '-T', 'fields', '-e', 'icmp_error.file'], 'ring.pcap2'],
    [['-T', 'fields', '-e', 'file', '-e', 'call_file'], 'ring.pcap4\tring.pcap1'],
    [['-T', 'fields', '-e', 'file', '-e', 'retransmission.file'], 'ring.pcap5\tring.pcap4'],
    [['-Y', 'related.file == "ring.pcap6"'], 'ring.pcap8'],
    [['pending'], 'ICMP error in frame 1 of ring.pcap2: port unreachable (type 3 code 3)'],
    [['check', '--rules', 'rules.yaml'], '(rpc of frame 1 of ring.pcap1)'],
    [['stats', '--html', '-'], 'frames 1 of ring.pcap1 and 1 of ring.pcap4'],
  ])('%j: %s', async (args, expected) => {
    expect((await program.run([...args, '.'], { cwd: directory })).stdout).toContain(expected);
  });
});
