/**
 * `npm run bench -- --check`: measures what the bars of bars.ts are about, and says which are met. Programs take turns, medians count; an
 * input is repeated until the peer takes at least `PEER_SECONDS`, or is as large as there is room for.
 */

import { createHash } from 'node:crypto';
import { BARS, type Bar, MEMORY_PRODUCTS, SLOW_MEMORY_PRODUCTS } from './bars.js';
import { type BenchInput, makeInput, makeOnce, sources } from './inputs.js';
import { type Cost, countOutput, measure, measureInTurn, type Program, readOutput } from './measure.js';
import { writeOneAFrame } from './one-a-frame.js';
import { peer, rpcdump, SLOW_PEER_FRAMES, startPrograms } from './programs.js';
import { CLIENTS, makeInterleaved } from './scale.js';
import { tableText } from './table.js';

const PEER_SECONDS = 5;
const MOST_BYTES = 1.5e9;
const ONE_A_FRAME_PAIRS = 500_000;
/** The slices that the bars are about. */
const SLICES = ['nfs3-metadata', 'nfs4-compound', 'nfs3-bulk'];

/** What was measured of a bar; null where a peer is not installed. */
export interface Figure extends Bar {
  figure: number | null;
  isMet: boolean | null;
}

/** Takes a bar's figure, as soon as it is known. */
type Report = (bar: string, figure: number | null) => void;

const GROUPS: Record<string, (rounds: number, report: Report) => Promise<void>> = {
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
  const missing = SLICES.filter((slice) => !sources().has(slice));
  if (missing.length > 0) throw new Error(`--check needs ${missing.join(', ')} (docs/performance.md)`);
  const figures: Figure[] = [];
  for (const name of names) {
    await GROUPS[name](rounds, (bar, figure) => {
      const known = BARS.find((each) => each.name === bar);
      if (known === undefined) throw new Error(`bars.ts has no bar '${bar}'`);
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
  const unmeasured = BARS.filter(({ name }) => !figures.some((figure) => figure.name === name));
  if (names.length === CHECKS.length && unmeasured.length > 0)
    throw new Error(`no group measures ${unmeasured.map(({ name }) => name).join(', ')}`);
  return figures;
}

function shown(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

async function checkStats(rounds: number, report: Report): Promise<void> {
  for (const name of ['nfs3-metadata', 'nfs4-compound']) {
    for (const other of ['nfstrace', 'tshark programs']) {
      const bar = `stats ${name} ${other.split(' ')[0]}`;
      const input = await repeatUntilSlow(sliceOf(name), peerNamed(other));
      report(bar, await ratioToPeer('stats', other, input, rounds));
    }
  }
  await checkNames(rounds, report);
}

/** What statistics of files cost more with names than with handles. */
async function checkNames(rounds: number, report: Report): Promise<void> {
  const { path } = await makeInput('nfs3-metadata', 4);
  for (const product of ['by file', 'by directory']) {
    const [named, unnamed] = costsOf([rpcdump(product, path), rpcdump(`${product}, no names`, path)], rounds);
    report(`names ${product}`, named!.user / unnamed!.user);
  }
}

async function checkList(rounds: number, report: Report): Promise<void> {
  for (const name of ['nfs3-metadata', 'nfs4-compound', 'nfs3-bulk']) {
    const input = await repeatUntilSlow(sliceOf(name), peerNamed('tcpdump'));
    report(`list ${name}`, await ratioToPeer('list', 'tcpdump', input, rounds));
  }
  const input = await repeatUntilSlow(oneAFrame, peerNamed('tcpdump'));
  report('list one-a-frame', await ratioToPeer('list', 'tcpdump', input, rounds));
}

async function checkJson(rounds: number, report: Report): Promise<void> {
  for (const name of ['nfs3-metadata', 'nfs4-compound']) {
    const input = await makeInput(name, 4);
    const few = await makeInput(name, 1, SLOW_PEER_FRAMES);
    const other = peer('tshark ek', few.path);
    const [own, ek] = costsOf([rpcdump('json', input.path), other], rounds);
    report(`json ${name} a frame`, ek === null ? null : own!.user / input.frames / (ek.user / few.frames));
  }
  const getattr = await oneAFrame(1);
  const [cost] = costsOf([rpcdump('json', getattr.path)], rounds);
  report('json GETATTR', getattr.frames / cost!.user);
  const metadata = await makeInput('nfs3-metadata');
  const { bytes } = await countOutput(rpcdump('json', metadata.path));
  report('json nfs3-metadata size', bytes / metadata.bytes);
}

/** Messages a second of user CPU. */
async function checkRates(rounds: number, report: Report): Promise<void> {
  const input = await makeInput('nfs3-metadata', 4);
  const { lines } = await countOutput(rpcdump('json', input.path));
  const products = ['headers', 'list', 'json'];
  const costs = costsOf(
    products.map((product) => rpcdump(product, input.path)),
    rounds,
  );
  products.forEach((product, i) => {
    report(`rate ${product}`, lines / costs[i]!.user);
  });
}

/** Wall time of two jobs over one, which is the peer here: the machine has to have nothing else to do. */
async function checkJobs(rounds: number, report: Report): Promise<void> {
  let isSame = true;
  for (const product of ['list', 'json']) {
    const { path } = await repeatUntilSlow(sliceOf('nfs3-metadata'), (input) => rpcdump(product, input));
    const single = rpcdump(product, path);
    const double = rpcdump(product, path, 2);
    const [of1, of2] = costsOf([single, double], rounds);
    report(`jobs ${product}`, of2!.wall / of1!.wall);
    isSame &&= (await digest(single)) === (await digest(double));
  }
  report('jobs same bytes', isSame ? 1 : 0);
}

async function checkMemory(_rounds: number, report: Report): Promise<void> {
  for (const times of [1, 4, 16]) {
    const { path } = await makeInput('nfs3-metadata', times);
    const products = times < 16 ? [...MEMORY_PRODUCTS, ...SLOW_MEMORY_PRODUCTS] : MEMORY_PRODUCTS;
    for (const product of products) report(`memory ${product} ×${times}`, peakOf(product, path));
  }
  const { path } = await makeInterleaved(CLIENTS);
  for (const product of [...MEMORY_PRODUCTS, ...SLOW_MEMORY_PRODUCTS]) {
    report(`memory ${product} ${CLIENTS} connections`, peakOf(product, path));
  }
}

async function checkStart(rounds: number, report: Report): Promise<void> {
  const programs = await startPrograms(['nfs3-metadata', 'nfs4-compound']);
  const [base, ...others] = costsOf(programs, 4 * rounds);
  others.forEach((cost, i) => {
    report(`start ${programs[i + 1].name}`, 1000 * (cost!.wall - base!.wall));
  });
}

async function checkFilter(rounds: number, report: Report): Promise<void> {
  const { path } = await makeInput('nfs3-metadata', 4);
  const [headers, filtered] = costsOf([rpcdump('headers', path), rpcdump('filter', path)], rounds);
  report('filter header', filtered!.user / headers!.user);
}

/** User CPU of a product over a peer's; null where that is not installed. */
async function ratioToPeer(product: string, other: string, input: BenchInput, rounds: number): Promise<number | null> {
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

const peerNamed = (other: string) => (path: string) => peer(other, path);

/** An input repeated until a peer takes long enough. */
async function repeatUntilSlow(make: Maker, peerOf: (path: string) => Program | null): Promise<BenchInput> {
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

function oneAFrame(times: number): Promise<BenchInput> {
  const pairs = times * ONE_A_FRAME_PAIRS;
  return makeOnce(`one-a-frame-${pairs}`, null, (path) => writeOneAFrame(path, pairs));
}

async function digest(program: Program): Promise<string> {
  const hash = createHash('sha256');
  await readOutput(program, (chunk) => hash.update(chunk));
  return hash.digest('hex');
}
