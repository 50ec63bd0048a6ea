/**
 * What decompressors share: their type, their error, and how a node:zlib stream is driven so that nothing it gave is lost
 * when it fails, and no more than one piece of input is inflated ahead of its reader.
 */
import type { Transform } from 'node:stream';

/** Chunks hold until the next one is asked for. */
export type Chunks = AsyncIterable<Uint8Array>;
export type Decompressor = (chunks: Chunks) => AsyncGenerator<Uint8Array>;

/** Why a compressed stream ended early, in one line. Everything readable was given before. */
export class CompressionError extends Error {}

/** Passes `pieces` through a zlib stream, one at a time. A failing stream throws after what it gave before. */
export async function* transformed(pieces: Chunks, stream: Transform): AsyncGenerator<Uint8Array> {
  const given: Uint8Array[] = [];
  stream.on('data', (chunk: Uint8Array) => given.push(chunk));
  // `settled` asks for the failure; an error that nobody listens to would end the program.
  stream.on('error', () => undefined);
  try {
    for await (const piece of pieces) {
      const failure = await settled(stream, (done) => stream.write(piece, done));
      yield* given.splice(0);
      if (failure !== null) throw failure;
    }
    const failure = await settled(stream, () => stream.end());
    yield* given.splice(0);
    if (failure !== null) throw failure;
  } finally {
    stream.destroy();
  }
}

/** Until the stream calls back or closes, as it does at its end and after a failure, which is the result. */
export function settled(stream: Transform, act: (done: () => void) => void): Promise<Error | null> {
  return new Promise((resolve) => {
    const finish = () => {
      stream.off('close', finish);
      resolve(stream.errored);
    };
    stream.once('close', finish);
    act(finish);
  });
}
