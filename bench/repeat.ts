/**
 * `node bench/start.js repeat IN OUT TIMES`: writes a capture several times over, each time later and from other clients (see
 * copies.ts), as one classic pcap.
 */
import { Copies } from './copies.js';
import { isMain } from './places.js';
import { writePieces } from './whole-file.js';

/** Reads at most `limit` frames of `from`; answers the number of frames written. */
export async function repeat(from: string, to: string, times: number, limit = Infinity): Promise<number> {
  const copies = await Copies.read(from, limit);
  writePieces(to, pieces(copies, times));
  return copies.frames * times;
}

function* pieces(copies: Copies, times: number): Iterable<Buffer> {
  yield copies.header;
  for (let i = 0; i < times; i++) {
    if (i > 0) copies.advance();
    yield copies.body;
  }
}

if (isMain(import.meta.url)) {
  const [from, to, times] = process.argv.slice(2);
  if (times === undefined) throw new Error('usage: repeat IN OUT TIMES');
  console.log(`${await repeat(from, to, Number(times))} frames`);
}
