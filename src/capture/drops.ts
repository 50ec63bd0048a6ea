/** What captures say of frames that their capture program or its system dropped. */

/** The drops of one interface. */
export interface Drops {
  /** Identifies the recording and the interface, where several files of one recording have the same; null: unknown. */
  recording: string | null;
  /** How many frames were dropped since the recording began. */
  frames: number;
}

/** How many frames were dropped in all. Files of one recording (a ring buffer) each count from its start. */
export function totalDrops(drops: Iterable<Drops>): number {
  const recordings = new Map<string, number>();
  let total = 0;
  for (const { recording, frames } of drops) {
    const before = recording === null ? 0 : (recordings.get(recording) ?? 0);
    if (recording !== null) recordings.set(recording, Math.max(before, frames));
    total += Math.max(0, frames - before);
  }
  return total;
}
