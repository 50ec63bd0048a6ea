/**
 * `node bench/start.js interleave IN OUT CLIENTS [FRAMES]`: the first frames of a capture as many clients send them at once, frame by
 * frame in turn, as one classic pcap.
 */
import { Copies } from './copies.js';
import { isMain } from './places.js';
import { writePieces } from './whole-file.js';

/** Answers the number of frames written. */
export async function interleave(from: string, to: string, clients: number, limit = Infinity): Promise<number> {
  const copies = await Copies.read(from, limit);
  writePieces(to, pieces(copies, clients));
  return copies.frames * clients;
}

function* pieces(copies: Copies, clients: number): Iterable<Buffer> {
  yield copies.header;
  for (let index = 0; index < copies.frames; index++) {
    yield Buffer.concat(Array.from({ length: clients }, (_, client) => copies.frameOf(index, client)));
  }
}

if (isMain(import.meta.url)) {
  const [from, to, clients, frames] = process.argv.slice(2);
  if (clients === undefined) throw new Error('usage: interleave IN OUT CLIENTS [FRAMES]');
  console.log(
    `${await interleave(from, to, Number(clients), frames === undefined ? Infinity : Number(frames))} frames`,
  );
}
