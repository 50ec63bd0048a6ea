/** What the decompressors share: their type, their error, and a way to await a stream of node:zlib. */
import type { Transform } from 'node:stream';

/** Each chunk is valid until the next one is requested. */
export type Chunks = AsyncIterable<Uint8Array>;
export type Decompressor = (chunks: Chunks) => AsyncGenerator<Uint8Array>;

/** Why a compressed stream ended early, in one line. All data that could be decompressed was yielded before it. */
export class CompressionError extends Error {}

/**
 * Runs `act`, then waits until the stream calls back or closes. A stream closes at its end and after a
 * failure; the failure is the result.
 */
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
