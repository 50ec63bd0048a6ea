/** The programs that are measured: rpcdump's products, and the peers that this machine has. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeInput } from './inputs.js';
import type { Program } from './measure.js';
import { RPCDUMP, WORK } from './places.js';

/** What slow peers are measured on. */
export const SLOW_PEER_FRAMES = 30_000;
const START_FRAMES = 20;
const BREAKDOWN = ['/usr/lib/nfstrace/libbreakdown.so', '/usr/lib/x86_64-linux-gnu/nfstrace/libbreakdown.so'];

/** Products of rpcdump by name, with their options. */
export const PRODUCTS: Record<string, string[]> = {
  headers: ['-q'],
  list: [],
  json: ['--json'],
  tree: ['-V'],
  array: ['-T', 'json'],
  fields: ['-T', 'fields', '-e', 'frame', '-e', 'procedure', '-e', 'status'],
  calls: ['--calls'],
  /** A filter that headers decide, and that selects nothing. */
  filter: ['-q', '-Y', 'program == 1'],
  stats: ['stats'],
  services: ['services'],
  pending: ['pending'],
  'calls json': ['--calls', '--json'],
  'by file': ['stats', '--by', 'file'],
  'by file, no names': ['stats', '--by', 'file', '--no-names'],
  'by file by 10 s': ['stats', '--by', 'file', '--interval', '10s'],
  'by client and file by 1 s': ['stats', '--by', 'client,file', '--interval', '1s'],
  'by directory': ['stats', '--by', 'directory'],
  'by directory, no names': ['stats', '--by', 'directory', '--no-names'],
  /** A rule on exchanges and their bodies that holds. */
  check: ['check', '--calls', '--fail-on', 'status == 1'],
  anonymize: ['-w', '/dev/null', '--anonymize'],
  'anonymize by a key': ['-w', '/dev/null', '--anonymize-key', 'key'],
  /** Of a recording with itself. */
  diff: ['diff'],
};

/** A product on a capture: one thread unless more are asked for, so that its CPU is what the product costs. */
export function rpcdump(product: string, path: string, jobs = 1): Program {
  const inputs = product === 'diff' ? [path, path] : [path];
  const threads = jobs === 1 ? [] : ['--jobs', String(jobs)];
  const args = [RPCDUMP, ...PRODUCTS[product], ...threads, ...inputs];
  return { name: `rpcdump ${product}`, command: process.execPath, args };
}

/** An empty Node program, then rpcdump's `--version` and a list of the first frames of each input: what starting costs. */
export async function startPrograms(inputs: Iterable<string>): Promise<Program[]> {
  const empty = join(WORK, 'empty.mjs');
  writeFileSync(empty, '');
  const programs: Program[] = [
    { name: 'empty', command: process.execPath, args: [empty] },
    { name: '--version', command: process.execPath, args: [RPCDUMP, '--version'] },
  ];
  for (const name of inputs) {
    programs.push({ ...rpcdump('list', (await makeInput(name, 1, START_FRAMES)).path), name });
  }
  return programs;
}

/** Peers by name: the program, and its arguments for a capture. */
const PEERS: Record<string, (path: string) => [command: string, args: string[]]> = {
  tcpdump: (path) => ['tcpdump', ['-nn', '-r', path]],
  tshark: (path) => ['tshark', ['-n', '-r', path]],
  'tshark ek': (path) => ['tshark', ['-n', '-r', path, '-T', 'ek']],
  'tshark programs': (path) => ['tshark', ['-n', '-q', '-z', 'rpc,programs', '-r', path]],
  nfstrace: (path) => [
    'nfstrace',
    ['-m', 'stat', '-I', path, '-a', BREAKDOWN.find((library) => existsSync(library)) ?? BREAKDOWN[0]],
  ],
};

/**
 * nfstrace aborts (`map::at`) while it prints the sessions of a repeated nfs4-compound: by then it has read and counted all procedures, as its
 * totals show.
 */
const ACCEPTED: Readonly<Record<string, number>> = { nfstrace: 134 };

/** null where it is not installed. */
export function peer(name: string, path: string): Program | null {
  const [command, args] = PEERS[name](path);
  return isInstalled(command) ? { name, command, args, accepts: ACCEPTED[name] ?? 0 } : null;
}

/** Peers that read whole captures. */
export function peers(path: string): Program[] {
  return ['tcpdump', 'tshark', 'nfstrace'].map((name) => peer(name, path)).filter((program) => program !== null);
}

/** Peers that are too slow for more than the first frames. */
export function slowPeers(path: string): Program[] {
  return ['tshark ek'].map((name) => peer(name, path)).filter((program) => program !== null);
}

function isInstalled(command: string): boolean {
  const isThere = spawnSync(command, ['--version']).error === undefined;
  return isThere && (command !== 'nfstrace' || BREAKDOWN.some((library) => existsSync(library)));
}
