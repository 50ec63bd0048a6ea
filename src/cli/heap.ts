/**
 * Limits V8's heap. By default V8 lets the young generation grow to two halves of 16 MiB, and the old one
 * to several times its live size, because rare collections make most programs faster. Here nearly every
 * object dies with its frame. With halves of 4 MiB, and an old generation that grows by a fifth, commands
 * take 20 to 60 MB less of the 150 MB that the program may use, and most take no more CPU. Commands that
 * fill tables are marked more often: a diff takes a quarter more, a list of 500 connections about a fifth.
 * Node accepts such flags on its own command line only, but V8 reads these two again while it runs.
 */

/** The young generation may stop growing from this size on: 8 MiB, of which later versions count only pages in use. */
const YOUNG_GENERATION = 6 << 20;
/** Longer than quick commands take, so that these do not load `node:v8`, which takes one millisecond. */
const MILLISECONDS = 25;
/**
 * V8 versions that leave the end of each Maglev compilation to a thread that does not run while the
 * process is busy: the memory of hundreds of compilations piles up to 20 to 30 MB and stays with the
 * process. Earlier versions (Node 20) have no such compiler and no flag for it, and V8 complains
 * about unknown flags on standard error. A later version must be checked before it is added here.
 */
const FIRST_MAGLEV = 12;
const LAST_MAGLEV = 14;

/**
 * From this version on (Node 24), incremental marking ends so late, in work whose objects live long,
 * that the heap has twice its live size: 176 MB for a diff that takes 140 MB with marking in one go,
 * at no more CPU. For other commands, and for earlier versions, incremental marking is better.
 */
const FIRST_LATE_MARKING = 13;

/** Keeps the heap close to its live size, from the first milliseconds of work on. */
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
 * Does work whose objects live for a while, without incremental marking (see FIRST_LATE_MARKING).
 * It is allowed again at the end: otherwise a compiler thread waits for a collection when memory
 * is at its limit, while Node waits for that thread at exit and collects no more.
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

/** The major version of V8. */
function majorVersion(): number {
  return Number.parseInt(process.versions.v8, 10);
}
