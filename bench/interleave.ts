/**
 * `node bench/start.js interleave IN OUT CLIENTS [FRAMES]`: the first frames of a capture as many clients send them at once, frame by
 * frame in turn, as one classic pcap.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Copies } from './copies.js';

/** Answers the number of frames written. */
export async function interleave(from: string, to: string, clients: number, limit = Infinity): Promise<number> {
  const copies = await Copies.read(from, limit);
  const file = openSync(to, 'w');
  writeSync(file, copies.header);
  for (let index = 0; index < copies.frames; index++) {
    const turn = Array.from({ length: clients }, (_, client) => copies.frameOf(index, client));
    writeSync(file, Buffer.concat(turn));
  }
  closeSync(file);
  return copies.frames * clients;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [from, to, clients, frames] = process.argv.slice(2);
  if (clients === undefined) throw new Error('usage: interleave IN OUT CLIENTS [FRAMES]');
  console.log(
    `${await interleave(from, to, Number(clients), frames === undefined ? Infinity : Number(frames))} frames`,
  );
}
