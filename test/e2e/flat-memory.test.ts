/**
 * Memory is the same whatever the length of the capture: the program reads a capture of clients that come and go, and one 16 times
 * as long, and its peak is the same but for what tables take until they are full. What takes seconds for that (diff) reads one twice as long.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { repeat } from '../../bench/repeat.js';
import { MAX_EXCHANGES, STAYING_SHARE } from '../../src/limits/rpc.js';
import { program } from '../helpers/program.js';
import { ownFolder } from '../helpers/with-folder.js';

/** 158 messages of one connection, in 220 bytes each. */
const CAPTURE = fileURLToPath(new URL('../../fixtures/captures/nfs3/midstream.pcap', import.meta.url));
/** Copies of it, each by another client: 34,760 messages, half of 556,160, and all. */
const COPIES = 220;
const TIMES = [1, 8, 16];
const COMPARED_TIMES = [1, 2];
/** Half of them are calls. */
const MESSAGES = 158;

/** A slot (exchange-slots.ts), what hashes it, and what else is kept by its number: the table is full with half of all messages. */
const EXCHANGE = 128 + 3 * 4 + 3 * 8;
const EXCHANGES = MAX_EXCHANGES * EXCHANGE;
/**
 * Calls that wait stay in the full table, with what is kept for their replies. 9 of 158 messages are calls without a reply, so this part of
 * the table fills in the second half.
 */
const STAYING = MAX_EXCHANGES * STAYING_SHARE * 256;
/** A connection whose client may go on, with the texts that are kept for its directions: 3520 of them. */
const CONNECTION = 4 * 1024;
/** The Node that the bars hold for (docs/performance.md). Later ones take 15 to 20 MB more for the same, and differ more from run to run. */
const IS_MEASURED = process.version.startsWith('v20.');
/** Code that is compiled later, a collection that comes later: seen were 5 MB, 11 on Node 26. A leak of 100 bytes a message is 28 MB in the second half. */
const NOISE = IS_MEASURED ? 12e6 : 24e6;
/** What any command may take, at any size; on Node 26, 151 MB were seen. */
const MOST = IS_MEASURED ? 150e6 : 180e6;

/** Writes the peak of its process at its end. What Linux counts for `resourceUsage` may be of the parent that it was forked from. */
const METER = `
const { readFileSync, writeFileSync } = require('node:fs');
const peak = () =>
  process.platform === 'linux'
    ? Number(/^VmHWM:\\s*(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
    : process.resourceUsage().maxRSS;
process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(1024 * peak())));
`;

const folder = ownFolder();

beforeAll(async () => {
  writeFileSync(join(folder, 'meter.cjs'), METER);
  for (const times of new Set([...TIMES, ...COMPARED_TIMES])) await repeat(CAPTURE, capture(times), times * COPIES);
});

const capture = (times: number) => join(folder, `${times}.pcap`);

/** Bytes of resident memory at the most. */
async function peakOf(args: readonly string[], times: number, status = 0): Promise<number> {
  const file = join(folder, `${times}.peak`);
  const nodeArgs = ['--require', join(folder, 'meter.cjs'), program.main, ...args, capture(times)];
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  const child = spawn(process.execPath, nodeArgs, { stdio: 'ignore', env: { ...env, PEAK_FILE: file } });
  expect(await once(child, 'close')).toEqual([status, null]);
  return Number(readFileSync(file, 'utf8'));
}

/** V8 collects late now and then, 20 to 30 MB late in one of 25 runs on Node 26 beside other work; what leaks is in every run. */
const RUNS = 3;

/** One call of each connection, so that both passes have what they keep of it. */
const ANONYMIZED = ['-w', '/dev/null', '--anonymize-key', 'key', '-Y', 'procedure == FSSTAT'];

test.each([[[]], [['--json']], [['--calls']], [['stats']], [ANONYMIZED]])('%j', { retry: RUNS - 1 }, async (args) => {
  const [short, half, long] = await Promise.all(TIMES.map((times) => peakOf(args, times)));
  expect(long - half).toBeLessThan(8 * COPIES * CONNECTION + STAYING + NOISE);
  expect(long - short).toBeLessThan(EXCHANGES + 15 * COPIES * CONNECTION + STAYING + 2 * NOISE);
  expect(long).toBeLessThan(MOST);
});

/** A capture in which every seventh large frame has other bytes: in the header of its message, often in a mark, and near its end. */
function changed(times: number): string {
  const path = join(folder, `${times}-changed.pcap`);
  const bytes = readFileSync(capture(times));
  for (let at = 24, frame = 0; at < bytes.length; frame++) {
    const end = at + 16 + bytes.readUInt32LE(at + 8);
    if (frame % 7 === 0 && end - at > 216) {
      bytes[at + 190] ^= 1;
      bytes[end - 30] ^= 3;
    }
    at = end;
  }
  writeFileSync(path, bytes);
  return path;
}

test.each([
  ['diff', capture, 0],
  ['diff of changed bytes', changed, 1],
] as const)('%s', { retry: RUNS - 1 }, async (_, other, status) => {
  const compared = COMPARED_TIMES.map((times) => peakOf(['diff', '--quiet', other(times)], times, status));
  const [short, long] = await Promise.all(compared);
  // Of both recordings: a leak of 300 bytes a message is as much as all this.
  const tables = 2 * COPIES * (CONNECTION + (MESSAGES / 2) * EXCHANGE);
  expect(long - short).toBeLessThan(tables + NOISE);
  expect(long).toBeLessThan(MOST);
});
