/**
 * What of V8's heap the command line decides. V8 lets the young generation grow to two halves of 16 MiB each, and the old one to several
 * times what lives in it, because programs that are collected seldom are quicker. Here nearly nothing that is allocated outlives the frame
 * that it was made for: with halves of 4 MiB, and an old generation that grows by a fifth, commands take 20 to 60 MB less of the 150 that the
 * program may use, and most no more CPU. What really fills tables is marked more often: a diff takes a quarter more, a list of 500
 * connections about a fifth. Node takes such flags on its own command line only; V8 asks
 * for these two while it runs.
 */

/** Both halves, when they have grown enough: 8 MiB, of which later versions count only the pages that hold something. */
const YOUNG_GENERATION = 6 << 20;
/** Seldom enough that what takes no time does not load `node:v8`, which takes one millisecond. */
const MILLISECONDS = 25;
/**
 * V8's versions that leave the end of each Maglev compilation to a thread that a busy process does not get to: what hundreds of them worked
 * with piles up to 20 to 30 MB, which stay with the process. Earlier ones have no such compiler and no flag for it (Node 20), and a flag
 * that is unknown is complained of on standard error: a later version is looked at before it comes here.
 */
const FIRST_MAGLEV = 12;
const LAST_MAGLEV = 14;

/**
 * From this version on (Node 24), where much gets old, marking in steps ends so late that twice of what lives is there: 176 MB for a diff that takes 140
 * where marking is done in one go, for no more CPU. For other commands steps are better, and for earlier versions.
 */
const FIRST_LATE_MARKING = 13;

/** Keeps the heap close to what lives in it, from the first milliseconds of work on. */
export async function boundHeap(): Promise<void> {
  const version = majorVersion();
  const compilesEarly = version >= FIRST_MAGLEV && version <= LAST_MAGLEV;
  if (compilesEarly) (await import('node:v8')).setFlagsFromString('--no-maglev-destroy-on-background');
  const timer = setInterval(async () => {
    const { getHeapSpaceStatistics, setFlagsFromString } = await import('node:v8');
    setFlagsFromString('--heap-growing-percent=20');
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    if (young === undefined || young.space_size < YOUNG_GENERATION) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(timer);
  }, MILLISECONDS);
  timer.unref();
}

/**
 * Does work of which much that is allocated lives for a while. Marking in steps is allowed again when it is done: without it a thread that compiles
 * waits for a collection where memory is at its bound, and Node, which waits for that thread when it exits, collects no more.
 */
export async function markAtOnceDuring<T>(work: () => Promise<T>): Promise<T> {
  if (majorVersion() < FIRST_LATE_MARKING) return work();
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--no-incremental-marking');
  try {
    return await work();
  } finally {
    setFlagsFromString('--incremental-marking');
  }
}

/** V8's. */
function majorVersion(): number {
  return Number.parseInt(process.versions.v8, 10);
}
