/**
 * Fuzzing for a bounded time, and every capture that it once found (fixtures/regressions). `npm run fuzz -- --minutes 60 --seed 1`
 * runs longer and writes what it finds there.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { program } from '../helpers/program.js';
import { Random } from '../helpers/random.js';
import { FIXTURES } from '../helpers/render.js';
import { ownFolder } from '../helpers/with-folder.js';
import { CommandLines } from './command-lines.js';
import { Fuzzer, type FuzzReport } from './fuzzer.js';

const REGRESSIONS = join(FIXTURES, 'regressions');
const DEFAULT_SECONDS = 20;
const seconds = Number(process.env.RPCDUMP_FUZZ_SECONDS ?? DEFAULT_SECONDS);
const seed = Number(process.env.RPCDUMP_FUZZ_SEED ?? 1);
/** Starting the program with all command lines takes half a minute. */
const isLong = process.env.RPCDUMP_FUZZ_SECONDS !== undefined;
const folder = process.env.RPCDUMP_FUZZ_KEEP ?? join(tmpdir(), 'rpcdump-fuzz');

const log = process.env.RPCDUMP_FUZZ_LOG;

const scratch = ownFolder();
const fuzzer = new Fuzzer(new CommandLines(program.main, scratch));

/** Adds a line on a run to the log: what was run for how long, and what it saw. */
function note(file: string, report: FuzzReport): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const mebibytes = Math.round(report.peakRss / 2 ** 20);
  const worst = report.worstMicrosecondsPerByte.toFixed(1);
  const counts = [report.runs, report.messages, report.bytes, worst, mebibytes, report.findings.length];
  appendFileSync(file, `${[new Date().toISOString().slice(0, 16), commit, seed, seconds, ...counts].join('\t')}\n`);
}

/** Writes a capture that failed, and says where. */
function keep(capture: Buffer): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${createHash('sha256').update(capture).digest('hex').slice(0, 12)}.pcap`);
  writeFileSync(file, capture);
  return file;
}

test('what was found once', { timeout: 300_000 }, async () => {
  const found: Record<string, string[]> = {};
  const names = readdirSync(REGRESSIONS).filter((each) => each.endsWith('.pcap'));
  for (const [i, name] of names.entries()) {
    const violations = await fuzzer.judgeAgain(readFileSync(join(REGRESSIONS, name)), isLong ? null : new Random(i));
    if (violations.length > 0) found[name] = violations;
  }
  expect(found).toEqual({});
});

test('nothing is found', { timeout: (seconds + 120) * 1000 }, async () => {
  const end = performance.now() + seconds * 1000;
  const report = await fuzzer.run(seed, () => performance.now() > end);
  const { findings, ...figures } = report;
  console.log(`fuzz: seed ${seed}, ${seconds} s, ${JSON.stringify(figures)}`);
  if (log !== undefined) note(log, report);
  expect(report.runs).toBeGreaterThan(0);
  expect(findings.map(({ capture, ...rest }) => ({ ...rest, kept: keep(capture) }))).toEqual([]);
});
