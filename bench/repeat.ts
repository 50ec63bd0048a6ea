/**
 * `node bench/start.js repeat IN OUT TIMES`: writes a capture several times over, each time later and from other clients (see
 * copies.ts), as one classic pcap.
 */
import { closeSync, openSync, realpathSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Copies } from './copies.js';

/** Reads at most `limit` frames of `from`; answers the number of frames written. */
export async function repeat(from: string, to: string, times: number, limit = Infinity): Promise<number> {
  const copies = await Copies.read(from, limit);
  const file = openSync(to, 'w');
  writeWhole(file, copies.header);
  for (let i = 0; i < times; i++) {
    if (i > 0) copies.advance();
    writeWhole(file, copies.body);
  }
  closeSync(file);
  return copies.frames * times;
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [from, to, times] = process.argv.slice(2);
  if (times === undefined) throw new Error('usage: repeat IN OUT TIMES');
  console.log(`${await repeat(from, to, Number(times))} frames`);
}
