/** Reads a file of one format, and those of any format that `cat` joined to it: each has a reader of its own. */
import type { ByteQueue } from './byte-queue.js';
import type { CaptureFile } from './capture-file.js';
import type { Drops } from './drops.js';
import type { CaptureFault, CaptureInterface, FormatReader, Frame, FrameReader } from './frame.js';

export class JoinedReader implements FrameReader {
  readonly queue: ByteQueue;
  readonly frame: Frame;
  readonly interfaces: readonly CaptureInterface[];
  private isEnded = false;
  /** Drops in the files before the current one: of recordings that are known, and the number of others. */
  private readonly dropsBefore: Drops[] = [];
  private droppedBefore = 0;

  /** @param nextReader Makes the reader of the file that begins at the queue's position. */
  constructor(
    private readonly file: CaptureFile,
    private reader: FormatReader,
    private readonly nextReader: () => FormatReader,
  ) {
    ({ queue: this.queue, frame: this.frame, interfaces: this.interfaces } = file);
  }

  get fault(): CaptureFault | null {
    return this.reader.fault;
  }

  get damage(): CaptureFault | null {
    return this.file.damage;
  }

  get drops(): readonly Drops[] {
    return [{ recording: null, frames: this.droppedBefore }, ...this.dropsBefore, ...(this.reader.drops ?? [])];
  }

  next(): boolean {
    while (!this.reader.next()) {
      if (!this.reader.isFollowed) return false;
      this.goOn();
    }
    return true;
  }

  finish(): void {
    this.isEnded = true;
    this.reader.finish();
  }

  private goOn(): void {
    for (const drops of this.reader.drops ?? []) {
      if (drops.recording === null) this.droppedBefore += drops.frames;
      else this.dropsBefore.push(drops);
    }
    this.reader = this.nextReader();
    if (this.isEnded) this.reader.finish();
  }
}
