/**
 * The captures that are measured: the slices of ../shared/bench where they are, else fixtures repeated until they are of some size.
 * They are made once, in a folder below the system's for temporary files.
 */
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES, SLICES, WORK } from './places.js';
import { repeat } from './repeat.js';

export interface BenchInput {
  name: string;
  path: string;
  frames: number;
  bytes: number;
}

const FIXTURE_NAMES = ['nfs3/allprocs-start.pcap', 'nfs3/read-64k.pcap'];
/** Bytes of a repeated fixture. */
const FIXTURE_SIZE = 60_000_000;

/** What inputs are made of, by name; `times` makes a fixture as long as a slice. */
export function sources(): Map<string, { path: string; times: number }> {
  const slices = existsSync(SLICES) ? readdirSync(SLICES).filter((name) => name.endsWith('.pcap.zst')) : [];
  if (slices.length > 0) {
    return new Map(
      slices.sort().map((name) => [name.replace('.pcap.zst', ''), { path: join(SLICES, name), times: 1 }]),
    );
  }
  return new Map(
    FIXTURE_NAMES.map((name) => {
      const path = join(FIXTURES, name);
      return [name.replace(/^.*\/|\.pcap$/g, ''), { path, times: Math.ceil(FIXTURE_SIZE / statSync(path).size) }];
    }),
  );
}

/** The input `name`, `times` over, of at most `frames` frames of its source. */
export async function makeInput(name: string, times = 1, frames = Infinity): Promise<BenchInput> {
  const source = sources().get(name);
  if (source === undefined) throw new Error(`no input ${name}; there are ${[...sources().keys()].join(', ')}`);
  const label = `${name}${frames === Infinity ? '' : `-${frames}`}${times === 1 ? '' : `×${times}`}`;
  const path = join(WORK, `${label.replace('×', '-x')}.pcap`);
  const note = `${path}.frames`;
  if (!existsSync(note) || !existsSync(path)) {
    const count = await repeat(source.path, `${path}.new`, frames === Infinity ? times * source.times : times, frames);
    renameSync(`${path}.new`, path);
    writeFileSync(note, String(count));
  }
  return { name: label, path, frames: Number(readFileSync(note, 'utf8')), bytes: statSync(path).size };
}
