/** What decompressors share: their type, their error, and how to wait for a stream of node:zlib. */
import type { Transform } from 'node:stream';

/** Chunks hold until the next one is asked for. */
export type Chunks = AsyncIterable<Uint8Array>;
export type Decompressor = (chunks: Chunks) => AsyncGenerator<Uint8Array>;

/** Why a compressed stream ended early, in one line. Everything readable was given before. */
export class CompressionError extends Error {}

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
