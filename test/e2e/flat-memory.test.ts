/**
 * Memory is the same whatever the length of the capture: the program reads a capture of clients that come and go, and its peak hardly
 * grows from a sixteenth of the way, or from half of it, to the end, but for what tables take until they are full. What takes seconds for
 * that (diff) reads two shorter ones.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { repeat } from '../../bench/repeat.js';
import { MAX_EXCHANGES, STAYING_SHARE } from '../../src/limits/rpc.js';
import { program } from '../helpers/program.js';
import { ownFolder } from '../helpers/with-folder.js';

/** 158 messages of one connection, in 220 bytes each. */
const CAPTURE = fileURLToPath(new URL('../../fixtures/captures/nfs3/midstream.pcap', import.meta.url));
/** Copies of it, each by another client: a sixteenth of 556,160 messages. */
const COPIES = 220;
const TIMES = 16;
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
/** What runs at the end of a pass for the first time: seen were 2 MB. */
const AT_END = 4e6;
/** What any command may take, at any size; on Node 26, 151 MB were seen. */
const MOST = IS_MEASURED ? 150e6 : 180e6;

/**
 * Writes the peaks of its process: when it has read as many bytes as PLACES has, and at its end. What Linux counts for `resourceUsage` may be
 * of the parent that it was forked from.
 */
const METER = `
const fs = require('node:fs');
const { promisify } = require('node:util');
const peak = () =>
  process.platform === 'linux'
    ? Number(/^VmHWM:\\s*(\\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1])
    : process.resourceUsage().maxRSS;
const places = JSON.parse(process.env.PLACES);
const peaks = [];
let bytesRead = 0;
const read = promisify(fs.read);
fs.read[promisify.custom] = async (...args) => {
  while (bytesRead >= places[peaks.length]) peaks.push(1024 * peak());
  const result = await read(...args);
  bytesRead += result.bytesRead;
  return result;
};
process.on('exit', () => fs.writeFileSync(process.env.PEAKS_FILE, JSON.stringify([...peaks, 1024 * peak()])));
`;

const folder = ownFolder();

beforeAll(async () => {
  writeFileSync(join(folder, 'meter.cjs'), METER);
  for (const times of [TIMES, ...COMPARED_TIMES]) await repeat(CAPTURE, capture(times), times * COPIES);
});

const capture = (times: number) => join(folder, `${times}.pcap`);

/** Bytes of resident memory at the most: up to each of these parts of what it reads, and up to its end. */
async function peaksOf(args: readonly string[], parts: number[], status = 0): Promise<number[]> {
  const file = join(folder, 'peaks');
  const size = args.filter((each) => each.endsWith('.pcap')).reduce((sum, path) => sum + statSync(path).size, 0);
  const places = JSON.stringify(parts.map((part) => part * size));
  const nodeArgs = ['--require', join(folder, 'meter.cjs'), program.main, ...args];
  const { NODE_V8_COVERAGE: _, ...rest } = process.env;
  const env = { ...rest, PLACES: places, PEAKS_FILE: file };
  const child = spawn(process.execPath, nodeArgs, { stdio: 'ignore', env });
  expect(await once(child, 'close')).toEqual([status, null]);
  const peaks: number[] = JSON.parse(readFileSync(file, 'utf8'));
  expect(peaks.length).toBe(parts.length + 1);
  return peaks;
}

/** V8 collects late now and then, 20 to 30 MB late in one of 25 runs on Node 26 beside other work; what leaks is in every run. */
const RUNS = 3;
const HOLDS = { retry: RUNS - 1 };

/** One call of each connection, so that both passes have what they keep of it. */
const ANONYMIZED = ['-w', '/dev/null', '--anonymize-key', 'key', '-Y', 'procedure == FSSTAT'];

/** How much the peak grows in the second half of a pass at the most. */
const IN_HALF = (TIMES / 2) * COPIES * CONNECTION + STAYING + NOISE + AT_END;

test.each([
  [[], 1],
  [['--json'], 1],
  [['--calls'], 1],
  [['stats'], 1],
  [ANONYMIZED, 2],
] as const)('%j', HOLDS, async (args, passes) => {
  const parts = [1 / TIMES, 1 / 2, ...(passes === 2 ? [1, 3 / 2] : [])];
  const [short, half, ...rest] = await peaksOf([...args, capture(TIMES)], parts);
  const long = rest[0];
  expect(long - half).toBeLessThan(IN_HALF);
  const tables = EXCHANGES + (TIMES - 1) * COPIES * CONNECTION + STAYING;
  expect(long - short).toBeLessThan(tables + 2 * NOISE + AT_END);
  // The second pass.
  if (rest.length === 3) expect(rest[2] - rest[1]).toBeLessThan(IN_HALF);
  expect(Math.max(...rest)).toBeLessThan(MOST);
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
] as const)('%s', HOLDS, async (_, other, status) => {
  const peaks: number[] = [];
  for (const times of COMPARED_TIMES) {
    peaks.push(...(await peaksOf(['diff', '--quiet', other(times), capture(times)], [], status)));
  }
  const [short, long] = peaks;
  // Of both recordings: a leak of 300 bytes a message is as much as all this.
  const tables = 2 * COPIES * (CONNECTION + (MESSAGES / 2) * EXCHANGE);
  expect(long - short).toBeLessThan(tables + NOISE);
  expect(long).toBeLessThan(MOST);
});
