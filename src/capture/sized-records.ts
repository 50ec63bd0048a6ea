/**
 * Reads files of a header and records, whose headers have the record's length: what snoop and iptrace have in common.
 * Records of impossible lengths are damage; reading goes on where sound records follow.
 */
import type { ByteQueue } from './byte-queue.js';
import type { CaptureFile } from './capture-file.js';
import { Damage, isZero, NO_RECORD, UNKNOWN } from './damage.js';
import type { CaptureFault, FormatReader, Frame } from './frame.js';

/** Records in a row that the search behind damage asks for. */
const SOUND_RECORDS = 3;

export abstract class SizedRecordReader implements FormatReader {
  fault: CaptureFault | null = null;
  isFollowed = false;
  protected readonly queue: ByteQueue;
  protected readonly frame: Frame;

  /** Lengths in bytes of the file's header, and of a record's, which the file's header may change. */
  protected abstract readonly fileHeader: number;
  protected abstract recordHeader: number;

  private isStarted = false;
  protected isEnded = false;
  private readonly damaged: Damage;

  constructor(protected readonly file: CaptureFile) {
    ({ queue: this.queue, frame: this.frame } = file);
    this.damaged = new Damage(file, SOUND_RECORDS, {
      lengthAt: (at) => this.probeLength(at),
      secondsAt: (at) => this.secondsAt(at),
    });
  }

  next(): boolean {
    const { queue } = this;
    while (this.prepare()) {
      const at = queue.position;
      const hasHeader = queue.unread >= this.recordHeader;
      const claimed = hasHeader ? this.lengthAt(at) : this.recordHeader;
      if (hasHeader && !this.isPossible(at, claimed)) this.loseRecord(at, claimed);
      else if (queue.unread >= claimed) {
        const length = this.trueLength(at, claimed);
        if (length === UNKNOWN) return false;
        const isBelieved = this.damaged.isBelieved(at, at + length, this.secondsAt(at), this.isEnded);
        if (isBelieved === undefined) return false;
        if (isBelieved) {
          queue.position = at + length;
          this.fillFrame(at, length);
          return true;
        }
        this.lose(NO_RECORD);
      } else if (!this.isCut(claimed)) return false;
    }
    return false;
  }

  finish(): void {
    this.isEnded = true;
  }

  /** Reads the header of a file, whose bytes are there. False: it is not supported, and `fail` was called. */
  protected abstract readFileHeader(at: number): boolean;
  /** Length in bytes of the record at `at`, with its header, as it says. */
  protected abstract lengthAt(at: number): number;
  protected abstract isPossible(at: number, length: number): boolean;
  /** Length of a record that is in the queue, which may be less than it claims. UNKNOWN: more bytes are needed. */
  protected abstract trueLength(at: number, claimed: number): number;
  /** What an impossible record claims: the end of a line that begins with `damaged: `. */
  protected abstract claimOf(at: number, length: number): string;
  /** Length of the record at `at`, if it looks like one; else UNSOUND. */
  protected abstract soundLength(at: number): number;
  /** Arrival of the record at `at`. */
  protected abstract secondsAt(at: number): number;
  protected abstract fillFrame(at: number, length: number): void;

  /**
   * The shorter `length` of a record, where sound records follow it: then the claimed length, which is the result
   * elsewhere, is damaged. UNKNOWN: more bytes are needed.
   */
  protected shorterLength(at: number, claimed: number, length: number): number {
    const isShorter = this.damaged.isSoundAt(at + length, this.isEnded);
    if (isShorter === undefined) return UNKNOWN;
    if (!isShorter) return claimed;
    this.damaged.note(
      this.frame.number + 1,
      `damaged: a record claims ${claimed} bytes, the next begins after ${length}`,
    );
    return length;
  }

  /** Length of the record at `at`; UNSOUND, or UNKNOWN. */
  protected probeLength(at: number): number {
    return at + this.recordHeader > this.queue.limit ? UNKNOWN : this.soundLength(at);
  }

  protected fail(reason: string): false {
    this.fault = { frame: this.frame.number + 1, offset: this.queue.consumed, reason };
    return false;
  }

  /** True: records can be read. */
  private prepare(): boolean {
    if (this.fault !== null || this.isFollowed) return false;
    if (this.damaged.isSearching && !this.damaged.search(this.isEnded)) {
      if (this.isEnded) this.fault = this.damaged.lost;
      return false;
    }
    return this.isStarted || this.start();
  }

  private start(): boolean {
    const { queue, fileHeader } = this;
    if (queue.unread < fileHeader) return this.isEnded ? this.fail('cut short in the file header') : false;
    if (!this.readFileHeader(queue.position)) return false;
    queue.position += fileHeader;
    this.isStarted = true;
    return true;
  }

  /** False: more bytes may come, or there are none. True: the file ends within a record, or its length is damaged. */
  private isCut(length: number): boolean {
    const { unread } = this.queue;
    if (!this.isEnded || unread === 0) return false;
    if (unread < this.recordHeader) this.lose('', 'cut short in the header of the frame');
    else {
      const cut = `cut short in the middle of the frame (${unread} of ${length} bytes)`;
      this.lose(`damaged: a record claims ${length} bytes, only ${unread} left`, cut);
    }
    return true;
  }

  private loseRecord(at: number, length: number): void {
    const isEmpty = isZero(this.queue.bytes, at, this.recordHeader);
    this.lose(isEmpty ? 'zeros in place of a frame' : `damaged: ${this.claimOf(at, length)}`);
  }

  /** Another file in place of a record is no damage. */
  private lose(reason: string, cutReason: string | null = null): void {
    this.isFollowed = this.file.beginsFile(this.queue.position);
    if (!this.isFollowed) this.damaged.begin(this.frame.number + 1, reason, cutReason);
  }
}
