/**
 * `npm run bench -- [--quick] [--rounds N] [--times N] [--only NAME,…] [--json FILE]`: rpcdump and its peers on the same captures in
 * turn, start-up, growth, large and live captures, and the micro-benchmarks; with `--check` the bars (bars.ts), and exit status 1 where one is
 * missed. docs/performance.md says what the figures mean.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CHECKS, check } from './check.js';
import { type BenchInput, makeInput, sources, usualSource } from './inputs.js';
import { type Cost, countOutput, measureInTurn, type Program } from './measure.js';
import { microNames, runMicro } from './micro.js';
import { peers, rpcdump, SLOW_PEER_FRAMES, slowPeers, startPrograms } from './programs.js';
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

const QUICK_FRAMES = 20_000;
const GROWTH = [1, 4, 16];
const SECTIONS: Record<string, () => Promise<void>> = {
  captures: benchCaptures,
  slow: benchSlow,
  start: benchStart,
  growth: benchGrowth,
  scale: () => benchScale(options.quick),
  live: benchLive,
  micro: benchMicro,
};

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
const rounds = options.rounds === undefined ? (options.quick ? 1 : 5) : wholeNumber('rounds', options.rounds);
const times = wholeNumber('times', options.times);
const limit = options.quick ? QUICK_FRAMES : Infinity;
const results: Result[] = [];
const names = options.check ? CHECKS : Object.keys(SECTIONS);
const chosen = options.only?.split(',') ?? names;
for (const name of chosen) if (!names.includes(name)) throw new Error(`names are ${names.join(', ')}`);

if (options.check) await checkBars();
else {
  for (const name of chosen) await SECTIONS[name]();
  keep(results);
}

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${option}: a whole number from 1 on`);
  return Number(text);
}

async function checkBars(): Promise<void> {
  const figures = await check(chosen, rounds);
  if (figures.some(({ isMet }) => isMet === false)) process.exitCode = 1;
  keep(figures);
}

function keep(figures: unknown): void {
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 1)}\n`);
}

async function benchMicro(): Promise<void> {
  for (const name of microNames) await runMicro(name);
}

/** Whole captures: headers, list and JSON beside the peers. */
async function benchCaptures(): Promise<void> {
  for (const name of sources().keys()) {
    const input = await makeInput(name, times, limit);
    const products = ['headers', 'list', 'json', 'stats'].map((product) => rpcdump(product, input.path));
    await compare('captures', input, products, peers(input.path));
  }
}

/** The first frames: JSON and trees beside tshark's JSON. */
async function benchSlow(): Promise<void> {
  for (const name of sources().keys()) {
    const input = await makeInput(name, 1, Math.min(limit, SLOW_PEER_FRAMES));
    const products = ['json', 'tree'].map((product) => rpcdump(product, input.path));
    await compare('slow', input, products, slowPeers(input.path));
  }
}

async function benchStart(): Promise<void> {
  const programs = await startPrograms(sources().keys());
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
  const name = usualSource();
  const rows: string[][] = [];
  for (const each of GROWTH) {
    const input = await makeInput(name, each, limit);
    const programs = ['headers', 'list', 'json', 'stats'].map((product) => rpcdump(product, input.path));
    for (const [program, cost] of measureInTurn(programs, Math.min(rounds, 3))) {
      results.push(resultOf('growth', input.name, program.name, cost));
      const microseconds = ((cost.user / input.frames) * 1e6).toFixed(2);
      rows.push([
        program.name,
        `×${each}`,
        count(input.frames),
        seconds(cost.user),
        microseconds,
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
