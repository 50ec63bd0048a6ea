/** The programs that are measured: rpcdump's products, and the peers that this machine has. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Program } from './measure.js';
import { RPCDUMP } from './places.js';

const BREAKDOWN = ['/usr/lib/nfstrace/libbreakdown.so', '/usr/lib/x86_64-linux-gnu/nfstrace/libbreakdown.so'];

/** Products of rpcdump by name, with their options: one thread each, so that its CPU is what the product costs. */
export const PRODUCTS: Record<string, string[]> = {
  headers: ['-q'],
  list: ['--jobs', '1'],
  json: ['--json', '--jobs', '1'],
  tree: ['-V', '--jobs', '1'],
  stats: ['stats'],
};

export function rpcdump(product: string, path: string): Program {
  return { name: `rpcdump ${product}`, command: process.execPath, args: [RPCDUMP, ...PRODUCTS[product], path] };
}

/** Peers that read whole captures. */
export function peers(path: string): Program[] {
  const breakdown = BREAKDOWN.find((library) => existsSync(library));
  const all: Program[] = [
    { name: 'tcpdump -nn', command: 'tcpdump', args: ['-nn', '-r', path] },
    { name: 'tshark', command: 'tshark', args: ['-n', '-r', path] },
  ];
  if (breakdown !== undefined) {
    all.push({ name: 'nfstrace', command: 'nfstrace', args: ['-m', 'stat', '-I', path, '-a', breakdown] });
  }
  return all.filter(isInstalled);
}

/** Peers that are too slow for more than the first frames. */
export function slowPeers(path: string): Program[] {
  return [{ name: 'tshark -T ek', command: 'tshark', args: ['-n', '-r', path, '-T', 'ek'] }].filter(isInstalled);
}

function isInstalled({ command }: Program): boolean {
  return spawnSync(command, ['--version']).error === undefined;
}
