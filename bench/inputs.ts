/**
 * The captures that are measured: the slices (places.ts) where they are, else fixtures repeated until they are of some size.
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

/** What an input was made of, and by which version of copies.ts, interleave.ts, one-a-frame.ts and repeat.ts. */
interface Made {
  origin: string;
  version: number;
  frames: number;
}

/** To be raised where one of them writes other bytes than before. */
const INPUT_VERSION = 1;

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

/** The source that most figures are of: the slice with the most messages a byte where it is there, else the first source. */
export function usualSource(): string {
  const names = [...sources().keys()];
  return names.includes('nfs3-metadata') ? 'nfs3-metadata' : names[0];
}

/** The input `name`, `times` over, of at most `frames` frames of its source. */
export async function makeInput(name: string, times = 1, frames = Infinity): Promise<BenchInput> {
  const source = sources().get(name);
  if (source === undefined) throw new Error(`no input ${name}; there are ${[...sources().keys()].join(', ')}`);
  const label = `${name}${frames === Infinity ? '' : `-${frames}`}${times === 1 ? '' : `×${times}`}`;
  const repetitions = frames === Infinity ? times * source.times : times;
  return makeOnce(label, source.path, (path) => repeat(source.path, path, repetitions, frames));
}

/**
 * An input that is made where it is not there yet, or was made of another source, or by an earlier version of what makes inputs.
 * @param make Writes the file, and answers the number of its frames.
 */
export async function makeOnce(
  name: string,
  source: string | null,
  make: (path: string) => number | Promise<number>,
): Promise<BenchInput> {
  const path = join(WORK, `${name.replace('×', '-x')}.pcap`);
  const note = `${path}.made.json`;
  const origin = source === null ? '' : `${source} ${statSync(source).size} ${statSync(source).mtimeMs}`;
  const made: Made | null = existsSync(note) && existsSync(path) ? JSON.parse(readFileSync(note, 'utf8')) : null;
  let frames = made?.frames ?? 0;
  if (made?.origin !== origin || made.version !== INPUT_VERSION) {
    frames = await make(`${path}.new`);
    renameSync(`${path}.new`, path);
    writeFileSync(note, JSON.stringify({ origin, version: INPUT_VERSION, frames } satisfies Made));
  }
  return { name, path, frames, bytes: statSync(path).size };
}
