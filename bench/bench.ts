/**
 * `npm run bench -- [--quick] [--rounds N] [--times N] [--only NAME,…] [--json FILE]`: rpcdump and its peers on the same captures in
 * turn, start-up, growth, large and live captures, and the micro-benchmarks; with `--check` the bars (bars.ts), and exit status 1 where one is
 * missed. docs/performance.md says what the figures mean.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKS, check } from './check.js';
import { type BenchInput, makeInput, sources } from './inputs.js';
import { type Cost, countOutput, measureInTurn, type Program } from './measure.js';
import { microNames, runMicro } from './micro.js';
import { RPCDUMP, WORK } from './places.js';
import { peers, rpcdump, slowPeers } from './programs.js';
import { benchLive, benchScale } from './scale.js';
import { count, megabytes, ratio, seconds, tableText } from './table.js';

/** One line of the results, as `--json` keeps it. Times in seconds, `rss` in bytes; `ratios` are of user CPU, by peer. */
interface Result extends Cost {
  section: string;
  input: string;
  program: string;
  messagesPerSecond: number | null;
  ratios: Record<string, number>;
}

const SLOW_FRAMES = 30_000;
const QUICK_FRAMES = 20_000;
const START_FRAMES = 20;
const GROWTH = [1, 4, 16];
const SECTIONS = ['captures', 'slow', 'start', 'growth', 'scale', 'live', 'micro'];

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    times: { type: 'string', default: '1' },
    only: { type: 'string' },
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5));
const limit = options.quick ? QUICK_FRAMES : Infinity;
const results: Result[] = [];

const names = options.check ? CHECKS : SECTIONS;
const chosen = options.only?.split(',') ?? names;
for (const name of chosen) if (!names.includes(name)) throw new Error(`names are ${names.join(', ')}`);
const only = new Set(options.check ? [] : chosen);
const figures = options.check ? await check(chosen, rounds) : [];
if (figures.some(({ isMet }) => isMet === false)) process.exitCode = 1;
if (only.has('captures')) await benchCaptures();
if (only.has('slow')) await benchSlow();
if (only.has('start')) await benchStart();
if (only.has('growth')) await benchGrowth();
if (only.has('scale')) await benchScale(options.quick);
if (only.has('live')) await benchLive();
if (only.has('micro')) for (const name of microNames) await runMicro(name);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify(options.check ? figures : results, null, 1)}\n`);

/** Whole captures: headers, list and JSON beside the peers. */
async function benchCaptures(): Promise<void> {
  for (const name of sources().keys()) {
    const input = await makeInput(name, Number(options.times), limit);
    const products = ['headers', 'list', 'json', 'stats'].map((product) => rpcdump(product, input.path));
    await compare('captures', input, products, peers(input.path));
  }
}

/** The first frames: JSON and trees beside tshark's JSON. */
async function benchSlow(): Promise<void> {
  for (const name of sources().keys()) {
    const input = await makeInput(name, 1, Math.min(limit, SLOW_FRAMES));
    const products = ['json', 'tree'].map((product) => rpcdump(product, input.path));
    await compare('slow', input, products, slowPeers(input.path));
  }
}

async function benchStart(): Promise<void> {
  const empty = join(WORK, 'empty.mjs');
  writeFileSync(empty, '');
  const programs: Program[] = [
    { name: 'node, empty program', command: process.execPath, args: [empty] },
    { name: 'rpcdump --version', command: process.execPath, args: [RPCDUMP, '--version'] },
  ];
  for (const name of sources().keys()) {
    const { path } = await makeInput(name, 1, START_FRAMES);
    programs.push({ ...rpcdump('list', path), name: `rpcdump ${name}-${START_FRAMES}` });
  }
  const costs = measureInTurn(programs, 2 * rounds + 1);
  const baseline = costs.get(programs[0])!;
  console.log('\nStart-up\n');
  const rows = [...costs].map(([program, cost]) => {
    results.push(resultOf('start', '', program.name, cost));
    const wall = milliseconds(cost.wall, baseline.wall);
    const cpu = milliseconds(cost.user + cost.system, baseline.user + baseline.system);
    return [program.name, ...wall, ...cpu, megabytes(cost.rss)];
  });
  console.log(tableText(['program', 'wall ms', 'above empty', 'CPU ms', 'above empty', 'RSS MB'], rows));
}

/** A time, and how far it is above another one. */
function milliseconds(time: number, baseline: number): string[] {
  return [time, time - baseline].map((part) => (part * 1000).toFixed(0));
}

/** The same traffic again and again: what grows with the input. */
async function benchGrowth(): Promise<void> {
  const [first] = sources().keys();
  const name = sources().has('nfs3-metadata') ? 'nfs3-metadata' : first;
  const rows: string[][] = [];
  for (const times of GROWTH) {
    const input = await makeInput(name, times, limit);
    const programs = ['headers', 'list', 'json', 'stats'].map((product) => rpcdump(product, input.path));
    for (const [program, cost] of measureInTurn(programs, Math.min(rounds, 3))) {
      results.push(resultOf('growth', input.name, program.name, cost));
      const each = ((cost.user / input.frames) * 1e6).toFixed(2);
      rows.push([
        program.name,
        `×${times}`,
        count(input.frames),
        seconds(cost.user),
        each,
        seconds(cost.wall),
        megabytes(cost.rss),
      ]);
    }
  }
  rows.sort(([a], [b]) => a.localeCompare(b));
  console.log(`\nGrowth: ${name}\n`);
  console.log(tableText(['program', 'times', 'frames', 'user s', 'µs a frame', 'wall s', 'RSS MB'], rows));
}

async function compare(section: string, input: BenchInput, own: Program[], others: Program[]): Promise<void> {
  const { lines: messages, bytes } = await countOutput(rpcdump('json', input.path));
  const costs = measureInTurn([...own, ...others], rounds);
  const size = `${count(input.frames)} frames, ${megabytes(input.bytes)} MB, ${count(messages)} messages`;
  console.log(`\n${input.name}: ${size}; JSON is ${ratio(bytes / input.bytes)} times the capture\n`);
  const rows = [...costs].map(([program, cost]) => {
    const ratios = Object.fromEntries(others.map((peer) => [peer.name, cost.user / costs.get(peer)!.user]));
    const rate = own.includes(program) ? messages / cost.user : null;
    results.push({ ...resultOf(section, input.name, program.name, cost), messagesPerSecond: rate, ratios });
    return [
      ...[program.name, seconds(cost.user), seconds(cost.system), seconds(cost.wall), megabytes(cost.rss)],
      rate === null ? '' : count(rate),
      ...Object.values(ratios).map(ratio),
    ];
  });
  const peerColumns = others.map((peer) => `÷ ${peer.name}`);
  console.log(tableText(['program', 'user s', 'sys s', 'wall s', 'RSS MB', 'messages/s', ...peerColumns], rows));
}

function resultOf(section: string, input: string, program: string, cost: Cost): Result {
  return { section, input, program, ...cost, messagesPerSecond: null, ratios: {} };
}
