/** Synchronous writes to a descriptor whose reader may be slow. Node's own streams lose what waits when the program exits. */
import { writeSync } from 'node:fs';

const RETRY_MILLISECONDS = 5;
const wait = new Int32Array(new SharedArrayBuffer(4));

/** Writes `bytes[0..length)`, however long its reader takes. @throws What the system says, but for EAGAIN. */
export function writeFully(descriptor: number, bytes: Uint8Array, length: number): void {
  for (let at = 0; at < length; ) {
    try {
      at += writeSync(descriptor, bytes, at, length - at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(wait, 0, 0, RETRY_MILLISECONDS);
    }
  }
}
