/**
 * `npm run profile -- NAME [FILE]`: NAME is a product (headers, list, json, tree) on a capture, or a micro-benchmark with a variant
 * (`xdr/GETATTR3res:JSON, generated`). Writes NAME.cpuprofile, which Chrome and VS Code open, and prints the functions that
 * had most of the time to themselves.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeInput, usualSource } from './inputs.js';
import { microNames } from './micro.js';
import { PRODUCTS, rpcdump } from './programs.js';
import { tableText } from './table.js';

/** The parts of V8's .cpuprofile that are needed. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

const TOP = 25;
const MICRO = join(import.meta.dirname, 'micro.js');

const [name, file] = process.argv.slice(2);
const target = await commandOf(name, file);
const output = `${(name ?? '').replace(/[^\w.]+/g, '-')}.cpuprofile`;
const flags = ['--cpu-prof', '--cpu-prof-dir', process.cwd(), '--cpu-prof-name', output];
rmSync(output, { force: true });
const { status } = spawnSync(process.execPath, [...flags, ...target], { stdio: ['ignore', 'ignore', 'inherit'] });
if (status !== 0) throw new Error(`${name}: exit status ${status}`);
print(JSON.parse(readFileSync(output, 'utf8')));
console.log(`\n${resolve(output)}`);

async function commandOf(name: string | undefined, file: string | undefined): Promise<string[]> {
  if (name !== undefined && Object.hasOwn(PRODUCTS, name)) {
    return rpcdump(name, file ?? (await makeInput(usualSource())).path).args;
  }
  if (name !== undefined && microNames.includes(name.split(':')[0])) return [MICRO, name];
  throw new Error(`names are ${[...Object.keys(PRODUCTS), ...microNames].join(', ')}`);
}

/** Self time by function. */
function print({ nodes, samples, timeDeltas }: CpuProfile): void {
  const functions = new Map<number, string>();
  for (const { id, callFrame } of nodes) {
    const place = callFrame.url.replace(/^.*\/rpcdump-bench\/dist\//, '').replace('node:', '');
    const line = place === '' ? '' : `${place}:${callFrame.lineNumber + 1}`;
    functions.set(id, `${callFrame.functionName || '(anonymous)'}  ${line}`);
  }
  const times = new Map<string, number>();
  let total = 0;
  samples.forEach((sample, index) => {
    const key = functions.get(sample)!;
    times.set(key, (times.get(key) ?? 0) + timeDeltas[index]);
    total += timeDeltas[index];
  });
  const top = [...times].sort(([, a], [, b]) => b - a).slice(0, TOP);
  const rows = top.map(([key, time]) => [key, (time / 1000).toFixed(0), ((100 * time) / total).toFixed(1)]);
  console.log(tableText(['function', 'self ms', '%'], rows));
}
