/**
 * The frames of one capture, or of several merged by time. The order of frames within a file never changes, even where
 * its clock runs backwards; frames of equal time keep the order of their files. Only chunks are awaited, never a frame.
 * A capture that ends early is reported, and the others go on.
 */
import { MERGE_BUFFERS, READ_CHUNK, SMALLEST_READ } from '../limits/capture.js';
import type { Frame, FrameReader } from './frame.js';
import type { InputProblem } from './inputs.js';
import { CaptureError, type CaptureSource, type OpenOptions, openCapture, type ReadBefore } from './source.js';

/** A capture that could not be read to its end. */
export interface CaptureProblem {
  file: string;
  /** Number of the frame that could not be read, if known. */
  frame?: number;
  /** One line, without the file's name. */
  message: string;
}

/** Takes a frame, which is valid until the handler returns. False: no more frames are wanted. */
export type FrameHandler = (frame: Frame, source: number) => boolean;
export type ProblemHandler = (problem: CaptureProblem) => void;

/**
 * Opens captures that are to be read together. A capture that cannot be opened is reported and left out. If `onProblem`
 * throws, those that are open are closed.
 */
export async function openCaptures(
  paths: readonly string[],
  onProblem: (problem: InputProblem) => void,
  options: OpenOptions = {},
): Promise<CaptureSource[]> {
  const readChunk = chunkFor(paths.length);
  return openAll(paths, async (path) => {
    try {
      return [await openCapture(path, { readChunk, ...options })];
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      onProblem({ file: error.file, message: error.message });
      return [];
    }
  });
}

/**
 * Opens the captures of an earlier pass again, each up to where it was read, so that the same frames follow in the same
 * order. @throws CaptureError where one of them can no longer be opened, or was written anew, as files of a ring buffer
 * are.
 */
export async function reopenCaptures(captures: readonly ReadBefore[]): Promise<CaptureSource[]> {
  const readChunk = chunkFor(captures.length);
  return openAll(captures, async ({ name, bytesRead, beginning }) => {
    const source = await openCapture(name, { readChunk, length: bytesRead });
    if (Buffer.compare(beginning, source.beginning.subarray(0, beginning.length)) === 0) return [source];
    await source.close();
    throw new CaptureError(name, 'it has other contents by now', 'unreadable');
  });
}

/** Opens one capture after the other. If `openOne` throws, those that are open are closed. */
async function openAll<Item>(
  items: readonly Item[],
  openOne: (item: Item) => Promise<CaptureSource[]>,
): Promise<CaptureSource[]> {
  const sources: CaptureSource[] = [];
  try {
    for (const item of items) sources.push(...(await openOne(item)));
    return sources;
  } catch (error) {
    for (const source of sources) await source.close();
    throw error;
  }
}

/** How many bytes to read at once of each of `count` captures. */
function chunkFor(count: number): number {
  const share = Math.floor(MERGE_BUFFERS / Math.max(1, count));
  return Math.max(SMALLEST_READ, Math.min(READ_CHUNK, share));
}

/** Passes every frame to `onFrame`, then closes the sources. */
export async function readFrames(
  sources: readonly CaptureSource[],
  onFrame: FrameHandler,
  onProblem: ProblemHandler,
): Promise<void> {
  const frames = pullFrames(sources, onFrame, () => false, onProblem);
  while (!(await frames.next()).done);
}

/**
 * The same for a caller that pulls: reading continues only on request. Yields after a frame for which `isEnough`
 * answers true, and before it waits for bytes. Closes the sources even when the caller stops early.
 */
export async function* pullFrames(
  sources: readonly CaptureSource[],
  onFrame: FrameHandler,
  isEnough: () => boolean,
  onProblem: ProblemHandler,
): AsyncGenerator<undefined, void> {
  const cursors = sources.map((source, index) => new Cursor(source, index, onProblem));
  try {
    if (cursors.length === 1) yield* readRest(cursors[0], onFrame, isEnough);
    else yield* merge(cursors, onFrame, isEnough);
  } finally {
    for (const source of sources) await source.close();
    // The last step, because `onProblem` may throw.
    for (const cursor of cursors) cursor.report();
  }
}

async function* readRest(
  cursor: Cursor,
  onFrame: FrameHandler,
  isEnough: () => boolean,
): AsyncGenerator<undefined, void> {
  const { reader, index } = cursor;
  do {
    while (reader.next()) {
      if (!onFrame(reader.frame, index)) return;
      if (isEnough()) yield;
    }
    yield;
  } while (await cursor.more());
}

/** `heads` are the captures that have a frame ready, sorted by the time of that frame. */
async function* merge(
  cursors: readonly Cursor[],
  onFrame: FrameHandler,
  isEnough: () => boolean,
): AsyncGenerator<undefined, void> {
  const heads: Cursor[] = [];
  for (const cursor of cursors) if (await cursor.advance()) insert(heads, cursor);
  while (heads.length > 1) {
    const first = heads[0];
    if (!onFrame(first.reader.frame, first.index)) return;
    if (isEnough()) yield;
    const isReady = first.reader.next();
    if (!isReady) yield;
    if (!(isReady || (await first.advance()))) heads.shift();
    else if (isLater(first, heads[1])) insert(heads, heads.shift()!);
  }
  if (heads.length === 0 || !onFrame(heads[0].reader.frame, heads[0].index)) return;
  if (isEnough()) yield;
  yield* readRest(heads[0], onFrame, isEnough);
}

function insert(heads: Cursor[], cursor: Cursor): void {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isLater(cursor, heads[middle])) low = middle + 1;
    else high = middle;
  }
  heads.splice(low, 0, cursor);
}

/** Frames of equal time keep the order in which their captures were named. */
function isLater(a: Cursor, b: Cursor): boolean {
  const one = a.reader.frame;
  const other = b.reader.frame;
  if (one.seconds !== other.seconds) return one.seconds > other.seconds;
  if (one.nanoseconds !== other.nanoseconds) return one.nanoseconds > other.nanoseconds;
  return a.index > b.index;
}

/** A capture, and how far it was read. */
class Cursor {
  readonly reader: FrameReader;
  private isFinished = false;
  private isReported = false;

  constructor(
    private readonly source: CaptureSource,
    readonly index: number,
    private readonly onProblem: ProblemHandler,
  ) {
    this.reader = source.reader;
  }

  /** Reads the next frame, and awaits bytes where needed. False: there is none. */
  async advance(): Promise<boolean> {
    do {
      if (this.reader.next()) return true;
    } while (await this.more());
    return false;
  }

  /** To be called when `reader.next()` answered false. True: call `next()` again. */
  async more(): Promise<boolean> {
    const { reader, source } = this;
    if (this.isFinished) return this.end();
    if (reader.fault === null && (await source.fill())) return true;
    this.isFinished = true;
    reader.finish();
    return reader.fault === null || this.end();
  }

  private async end(): Promise<false> {
    this.report();
    await this.source.close();
    return false;
  }

  /**
   * Tells once what was wrong as far as the capture was read. If the stream of bytes stopped too early, that is the
   * reason to report, not the frame that it cut.
   */
  report(): void {
    if (this.isReported) return;
    this.isReported = true;
    const { problem, reader } = this.source;
    const { damage, fault } = reader;
    const last = reader.frame.number;
    if (damage !== null) this.tell(damage.frame, `frame ${damage.frame}: ${damage.reason}`);
    if (problem !== null) this.tell(last + 1, `${problem} (after frame ${last})`);
    else if (fault !== null) this.tell(fault.frame, `frame ${fault.frame}: ${fault.reason}`);
  }

  private tell(frame: number, message: string): void {
    this.onProblem({ file: this.source.name, frame, message });
  }
}
