/**
 * `npm run bench -- --check`: measures what the bars of bars.ts are about, and says which are met. Programs take turns, medians count; an
 * input is repeated until the peer takes at least `PEER_SECONDS`, or is as large as there is room for.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BARS, type Bar, MEMORY_PRODUCTS, SLOW_MEMORY_PRODUCTS } from './bars.js';
import { type BenchInput, makeInput } from './inputs.js';
import { type Cost, countOutput, measure, measureInTurn, type Program } from './measure.js';
import { writeOneAFrame } from './one-a-frame.js';
import { RPCDUMP, WORK } from './places.js';
import { peer, rpcdump } from './programs.js';
import { makeInterleaved } from './scale.js';
import { tableText } from './table.js';

const PEER_SECONDS = 5;
const MOST_BYTES = 1.5e9;
const ONE_A_FRAME_PAIRS = 500_000;
const EK_FRAMES = 30_000;
const CONNECTIONS = 500;

/** What was measured of a bar; null where a peer is not installed. */
export interface Figure extends Bar {
  figure: number | null;
  isMet: boolean | null;
}

type Found = (name: string, figure: number | null) => void;

const GROUPS: Record<string, (rounds: number, found: Found) => Promise<void>> = {
  stats: checkStats,
  list: checkList,
  json: checkJson,
  rate: checkRates,
  jobs: checkJobs,
  memory: checkMemory,
  start: checkStart,
  filter: checkFilter,
};

export const CHECKS = Object.keys(GROUPS);

/** Measures the groups `names`, and prints each bar as it is known. */
export async function check(names: readonly string[], rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of names) {
    await GROUPS[name](rounds, (bar, figure) => {
      const known = BARS.find((each) => each.name === bar)!;
      const isMet = figure === null ? null : known.isLeast ? figure >= known.limit : figure <= known.limit;
      figures.push({ ...known, figure, isMet });
      console.error(`${bar}: ${figure === null ? 'no peer' : shown(figure)} ${known.unit}`);
    });
  }
  const rows = figures.map(({ name, limit, isLeast, unit, figure, isMet }) => [
    ...[name, `${isLeast ? '≥' : '≤'} ${shown(limit)} ${unit}`.trim()],
    ...[figure === null ? '-' : shown(figure), isMet === null ? 'no peer' : isMet ? 'yes' : 'NO'],
  ]);
  console.log(tableText(['what', 'bar', 'figure', 'met'], rows));
  return figures;
}

function shown(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

async function checkStats(rounds: number, found: Found): Promise<void> {
  for (const name of ['nfs3-metadata', 'nfs4-compound']) {
    for (const other of ['nfstrace', 'tshark programs']) {
      const bar = `stats ${name} ${other.split(' ')[0]}`;
      found(bar, await against('stats', other, await enough(sliceOf(name), named(other)), rounds));
    }
  }
  await checkNames(rounds, found);
}

/** Issue 7: what statistics of files cost more with names than with handles. */
async function checkNames(rounds: number, found: Found): Promise<void> {
  const { path } = await makeInput('nfs3-metadata', 4);
  for (const product of ['by file', 'by directory']) {
    const [named, unnamed] = costsOf([rpcdump(product, path), rpcdump(`${product}, no names`, path)], rounds);
    found(`names ${product}`, named!.user / unnamed!.user);
  }
}

async function checkList(rounds: number, found: Found): Promise<void> {
  for (const name of ['nfs3-metadata', 'nfs4-compound', 'nfs3-bulk']) {
    found(`list ${name}`, await against('list', 'tcpdump', await enough(sliceOf(name), named('tcpdump')), rounds));
  }
  found('list one-a-frame', await against('list', 'tcpdump', await enough(oneAFrame, named('tcpdump')), rounds));
}

async function checkJson(rounds: number, found: Found): Promise<void> {
  for (const name of ['nfs3-metadata', 'nfs4-compound']) {
    const input = await makeInput(name, 4);
    const few = await makeInput(name, 1, EK_FRAMES);
    const other = peer('tshark ek', few.path);
    const [own, ek] = costsOf([rpcdump('json', input.path), other], rounds);
    found(`json ${name} a frame`, ek === null ? null : own!.user / input.frames / (ek.user / few.frames));
  }
  const getattr = oneAFrame(1);
  const [cost] = costsOf([rpcdump('json', getattr.path)], rounds);
  found('json GETATTR', getattr.frames / cost!.user);
  const metadata = await makeInput('nfs3-metadata');
  const { bytes } = await countOutput(rpcdump('json', metadata.path));
  found('json nfs3-metadata size', bytes / metadata.bytes);
}

/** Issue 3: messages a second of user CPU. */
async function checkRates(rounds: number, found: Found): Promise<void> {
  const input = await makeInput('nfs3-metadata', 4);
  const { lines } = await countOutput(rpcdump('json', input.path));
  const products = ['headers', 'list', 'json'];
  const costs = costsOf(
    products.map((product) => rpcdump(product, input.path)),
    rounds,
  );
  products.forEach((product, i) => {
    found(`rate ${product}`, lines / costs[i]!.user);
  });
}

/** Wall time of two jobs over one, which is the peer here: the machine has to have nothing else to do. */
async function checkJobs(rounds: number, found: Found): Promise<void> {
  let isSame = true;
  for (const product of ['list', 'json']) {
    const { path } = await enough(sliceOf('nfs3-metadata'), (input) => rpcdump(product, input));
    const single = rpcdump(product, path);
    const double: Program = { ...single, args: single.args.map((arg) => (arg === '1' ? '2' : arg)) };
    const [of1, of2] = costsOf([single, double], rounds);
    found(`jobs ${product}`, of2!.wall / of1!.wall);
    isSame &&= (await digest(single)) === (await digest(double));
  }
  found('jobs same bytes', isSame ? 1 : 0);
}

async function checkMemory(_rounds: number, found: Found): Promise<void> {
  for (const times of [1, 4, 16]) {
    const { path } = await makeInput('nfs3-metadata', times);
    const products = times < 16 ? [...MEMORY_PRODUCTS, ...SLOW_MEMORY_PRODUCTS] : MEMORY_PRODUCTS;
    for (const product of products) found(`memory ${product} ×${times}`, peakOf(product, path));
  }
  const { path } = await makeInterleaved(CONNECTIONS);
  for (const product of [...MEMORY_PRODUCTS, ...SLOW_MEMORY_PRODUCTS]) {
    found(`memory ${product} ${CONNECTIONS} connections`, peakOf(product, path));
  }
}

async function checkStart(rounds: number, found: Found): Promise<void> {
  const empty = join(WORK, 'empty.mjs');
  writeFileSync(empty, '');
  const programs: Program[] = [
    { name: 'empty', command: process.execPath, args: [empty] },
    { name: '--version', command: process.execPath, args: [RPCDUMP, '--version'] },
  ];
  for (const name of ['nfs3-metadata', 'nfs4-compound']) {
    programs.push({ ...rpcdump('list', (await makeInput(name, 1, 20)).path), name });
  }
  const [base, ...others] = costsOf(programs, 4 * rounds);
  others.forEach((cost, i) => {
    found(`start ${programs[i + 1].name}`, 1000 * (cost!.wall - base!.wall));
  });
}

async function checkFilter(rounds: number, found: Found): Promise<void> {
  const { path } = await makeInput('nfs3-metadata', 4);
  const [headers, filtered] = costsOf([rpcdump('headers', path), rpcdump('filter', path)], rounds);
  found('filter header', filtered!.user / headers!.user);
}

/** User CPU of a product over a peer's; null where that is not installed. */
async function against(product: string, other: string, input: BenchInput, rounds: number): Promise<number | null> {
  const others = peer(other, input.path);
  if (others === null) return null;
  const [own, theirs] = costsOf([rpcdump(product, input.path), others], rounds);
  return own!.user / theirs!.user;
}

function costsOf(programs: readonly (Program | null)[], rounds: number): (Cost | null)[] {
  const costs = measureInTurn(
    programs.filter((program) => program !== null),
    rounds,
  );
  return programs.map((program) => (program === null ? null : costs.get(program)!));
}

function peakOf(product: string, path: string): number | null {
  const { rss } = measure(rpcdump(product, path));
  return rss === null ? null : rss / 1e6;
}

/** Makes an input that is so many times as long. */
type Maker = (times: number) => BenchInput | Promise<BenchInput>;

const sliceOf =
  (name: string): Maker =>
  (times) =>
    makeInput(name, times);

const named = (other: string) => (path: string) => peer(other, path);

/** An input repeated until a peer takes long enough. */
async function enough(make: Maker, peerOf: (path: string) => Program | null): Promise<BenchInput> {
  const single = await make(1);
  const most = Math.max(1, Math.floor(MOST_BYTES / single.bytes));
  let input = single;
  for (let times = 1; times < most; input = await make(times)) {
    const program = peerOf(input.path);
    const seconds = program === null ? PEER_SECONDS : measure(program).user;
    if (seconds >= PEER_SECONDS) break;
    // Starting a program costs once, however often its input is repeated: at least once more than that says.
    times = Math.min(most, Math.max(times + 1, Math.ceil((times * PEER_SECONDS) / Math.max(seconds, 0.01))));
  }
  return input;
}

function oneAFrame(times: number): BenchInput {
  const pairs = times * ONE_A_FRAME_PAIRS;
  const path = join(WORK, `one-a-frame-${pairs}.pcap`);
  if (!existsSync(path)) {
    writeOneAFrame(`${path}.new`, pairs);
    renameSync(`${path}.new`, path);
  }
  return { name: 'one-a-frame', path, frames: 2 * pairs, bytes: statSync(path).size };
}

function digest({ command, args }: Program): Promise<string> {
  const hash = createHash('sha256');
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.on('data', (chunk) => hash.update(chunk));
  return new Promise((resolve) => child.on('close', () => resolve(hash.digest('hex'))));
}
