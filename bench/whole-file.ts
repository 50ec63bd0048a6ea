/** Writes files piece by piece; one that is made anew has its name only once it is whole. */
import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes what `pieces` gives one after the other. */
export function writePieces(path: string, pieces: Iterable<Buffer>): void {
  const file = openSync(path, 'w');
  try {
    // A write may take fewer bytes than it was given.
    for (const piece of pieces) for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at);
  } finally {
    closeSync(file);
  }
}
