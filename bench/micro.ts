/**
 * Micro-benchmarks by name: `node bench/start.js micro [NAME…]`. Each has several variants of the same work, which are warmed up, then
 * run in turn; the median of the samples counts. `NAME:VARIANT` runs one variant only (for profiles), `--seconds N` for how long.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ByteQueue } from '../src/capture/byte-queue.js';
import { CaptureFile } from '../src/capture/capture-file.js';
import { PcapReader } from '../src/capture/pcap.js';
import type { Dissection } from '../src/dissect/dissection.js';
import { DISSECTORS, readSpecification } from '../src/dissect/library.js';
import { Summary } from '../src/dissect/summary.js';
import { Inspection, type InspectOptions } from '../src/index.js';
import { RecordWriter } from '../src/output/record.js';
import { PlanBuilder } from '../src/xdr/build-plan.js';
import { ByteWriter } from '../src/xdr/byte-writer.js';
import { Extractor } from '../src/xdr/codegen-extract.js';
import { JsonCompiler } from '../src/xdr/codegen-json.js';
import { TreeCompiler } from '../src/xdr/codegen-tree.js';
import { ValueCompiler } from '../src/xdr/codegen-value.js';
import { extract, wantPaths } from '../src/xdr/extract.js';
import { writeJson } from '../src/xdr/json.js';
import { decodeTree } from '../src/xdr/tree.js';
import { noContext } from '../src/xdr/tree-node.js';
import { treeValue } from '../src/xdr/value.js';
import { makeInput, makeOnce, usualSource } from './inputs.js';
import { median } from './measure.js';
import { FIXTURES, isMain } from './places.js';
import { repeat } from './repeat.js';
import { GETATTR_RESULT, OPEN_ARGUMENTS, READDIRPLUS_RESULT } from './samples.js';
import { count, ratio, tableText } from './table.js';

type Work = () => void | Promise<void>;

interface Micro {
  /** What a variant does `units` of in one run, and how many bytes that is. */
  unit: string;
  units: number;
  bytes: number;
  variants: Map<string, Work>;
}

const FRAMES = 20_000;
const SAMPLES = 7;
const GSS_CLIENTS = 200;
const JSON_OPTIONS = { int64Strings: false, payload: false };

const MICROS: Record<string, () => Micro | Promise<Micro>> = {
  'capture/pcap': capturePcap,
  'xdr/GETATTR3res': () => xdr('GETATTR3res', GETATTR_RESULT, ['resok.obj_attributes.size', 'status'], 2000),
  'xdr/READDIRPLUS3res': () => xdr('READDIRPLUS3res', READDIRPLUS_RESULT, ['resok.reply.eof', 'status'], 200),
  'summary/OPEN4args': openSummary,
  'dissect/RPCSEC_GSS': dissectGss,
  'output/ndjson': outputNdjson,
};

export const microNames = Object.keys(MICROS);

/** Reads frames of a file in memory. */
async function capturePcap(): Promise<Micro> {
  const input = await someFrames();
  const bytes = readFileSync(input.path);
  const read = () => {
    const queue = new ByteQueue();
    queue.bytes = bytes;
    queue.limit = bytes.length;
    const file = new CaptureFile(queue, () => false);
    const reader = new PcapReader(file);
    while (reader.next());
    if (file.frame.number !== input.frames) throw new Error('frames are missing');
  };
  return { unit: 'frame', units: input.frames, bytes: bytes.length, variants: new Map([['PcapReader', read]]) };
}

/** All products of one type, interpreted and generated. */
function xdr(type: string, bytes: Buffer, paths: string[], units: number): Micro {
  const plan = new PlanBuilder(readSpecification(join(DISSECTORS, 'nfs3', 'nfs3.x'))).typePlan(type)!;
  const end = bytes.length;
  const input = { bytes, start: 0, end, limit: end, context: noContext };
  const out = new ByteWriter();
  const wanted = wantPaths(paths);
  const slots = new Int32Array(2 * paths.length);
  const [json, tree, value] = [new JsonCompiler(), new TreeCompiler(), new ValueCompiler()];
  const extractor = new Extractor(plan, paths);
  const interpreted = () => decodeTree(plan, input, 'result').root!;
  const works: [string, () => unknown][] = [
    ['tree, interpreter', interpreted],
    ['tree, generated', () => tree.make(plan, bytes, 0, end, 'result')],
    ['value, interpreter', () => treeValue(interpreted())],
    ['value, generated', () => value.make(plan, bytes, 0, end)],
    ['JSON, interpreter', () => writeJson(interpreted(), out, JSON_OPTIONS)],
    ['JSON, generated', () => json.write(plan, bytes, 0, end, out, JSON_OPTIONS)],
    ['extract, interpreter', () => extract(plan, wanted, bytes, 0, end, end, slots)],
    ['extract, generated', () => extractor.find(bytes, 0, end, end)],
  ];
  const variants = new Map(works.map(([name, work]) => [name, repeated(units, out, work)]));
  return { unit: 'value', units, bytes: end * units, variants };
}

/** The text of a call that may set any of a hundred attributes at two places. */
function openSummary(): Micro {
  const units = 2000;
  const plan = new PlanBuilder(readSpecification(join(DISSECTORS, 'nfs4', 'nfs4.x'))).typePlan('OPEN4args')!;
  const bytes = OPEN_ARGUMENTS;
  const extent = { bytes, at: 0, end: bytes.length, limit: bytes.length };
  const context = { bytes, programs: () => undefined, callField: () => undefined, writeBody: () => {} };
  const out = new ByteWriter();
  const summary = new Summary(plan, [{ kind: 'field', path: '', format: '' }], [], (problem) => {
    throw new Error(problem);
  });
  const write = () => {
    summary.find(extent);
    summary.write(out, context, extent);
  };
  const variants = new Map([
    ['find', repeated(units, out, () => summary.find(extent))],
    ['find and write', repeated(units, out, write)],
  ]);
  return { unit: 'value', units, bytes: bytes.length * units, variants };
}

function repeated(units: number, out: ByteWriter, work: () => unknown): () => void {
  return () => {
    for (let i = 0; i < units; i++) {
      out.length = 0;
      work();
    }
  };
}

/** Messages under integrity protection, of clients with a context each. */
async function dissectGss(): Promise<Micro> {
  const source = join(FIXTURES, 'rpc', 'gss-krb5i.pcap');
  const { path, bytes } = await makeOnce('gss-krb5i', source, (made) => repeat(source, made, GSS_CLIENTS));
  let units = 0;
  const run = async (options: InspectOptions) => {
    units = 0;
    const inspection = await Inspection.open([path], options, () => units++);
    await inspection.run();
  };
  const variants = new Map<string, Work>([
    ['headers', () => run({ headersOnly: true })],
    ['dissected', () => run({})],
  ]);
  await variants.get('headers')!();
  return { unit: 'message', units, bytes, variants };
}

/** A capture's records, beside what it costs to come to the messages. */
async function outputNdjson(): Promise<Micro> {
  const { path, bytes } = await someFrames();
  let units = 0;
  const run = async (write: (inspection: Inspection, out: ByteWriter) => (dissection: Dissection) => void) => {
    const out = new ByteWriter();
    units = 0;
    let handle: (dissection: Dissection) => void = () => {};
    const inspection = await Inspection.open([path], {}, (dissection) => {
      units++;
      handle(dissection);
      out.length = 0;
    });
    handle = write(inspection, out);
    await inspection.run();
  };
  const records = (codegen: boolean) => (inspection: Inspection, out: ByteWriter) => {
    const options = { ...JSON_OPTIONS, files: null, hasInterfaces: () => false, codegen };
    const writer = new RecordWriter(out, inspection.dissector, options);
    return (dissection: Dissection) => writer.write(dissection);
  };
  const variants = new Map<string, Work>([
    ['no output', () => run(() => () => {})],
    ['records, interpreter', () => run(records(false))],
    ['records, generated', () => run(records(true))],
  ]);
  await variants.get('no output')!();
  return { unit: 'message', units, bytes, variants };
}

function someFrames() {
  return makeInput(usualSource(), 1, FRAMES);
}

/** Prints a table of all variants, or runs the one that is named. */
export async function runMicro(name: string, duration = 2): Promise<void> {
  const [microName, variantName] = name.split(':');
  if (!Object.hasOwn(MICROS, microName))
    throw new Error(`no benchmark ${microName}; there are ${microNames.join(', ')}`);
  const micro = await MICROS[microName]();
  if (variantName !== undefined) {
    const work = micro.variants.get(variantName);
    if (work === undefined) throw new Error(`variants are ${[...micro.variants.keys()].join('; ')}`);
    return runFor(work, duration * 1000);
  }
  const share = (duration * 1000) / micro.variants.size;
  const times = new Map<string, number>();
  for (const [variant, work] of micro.variants) times.set(variant, await medianTime(work, share));
  console.log(`\n${microName}: ${count(micro.units)} ${micro.unit}s, ${count(micro.bytes)} bytes\n`);
  const [first] = [...times.values()];
  const rows = [...times].map(([variant, time]) => [
    ...[variant, ((time * 1e6) / micro.units).toFixed(0), count((micro.units * 1000) / time)],
    ...[count(micro.bytes / 1e3 / time), ratio(time / first)],
  ]);
  console.log(tableText(['variant', `ns a ${micro.unit}`, `${micro.unit}s/s`, 'MB/s', '÷ first'], rows));
}

/** Milliseconds of one run: the median after a warm-up. */
async function medianTime(work: Work, budget: number): Promise<number> {
  await runFor(work, budget / 2);
  const times: number[] = [];
  for (const end = performance.now() + budget; times.length < SAMPLES || performance.now() < end; ) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return median(times);
}

async function runFor(work: Work, milliseconds: number): Promise<void> {
  for (const end = performance.now() + milliseconds; performance.now() < end; ) await work();
}

if (isMain(import.meta.url)) {
  const { values, positionals } = parseArgs({ options: { seconds: { type: 'string' } }, allowPositionals: true });
  const names = positionals.length > 0 ? positionals : microNames;
  for (const name of names) await runMicro(name, Number(values.seconds ?? 2));
}
