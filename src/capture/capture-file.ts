/** What the readers of one file have in common. There are several where files were joined by `cat`. */
import { MAX_INTERFACES } from '../limits/capture.js';
import { byteCount } from '../xdr/plural.js';
import type { ByteQueue } from './byte-queue.js';
import { type CaptureFault, type CaptureInterface, emptyFrame } from './frame.js';

/** The bytes by which the beginning of a file is known in place of a record. */
export const FILE_START = 12;

export class CaptureFile {
  readonly frame = emptyFrame();
  readonly interfaces: CaptureInterface[] = [];
  private first: CaptureFault | null = null;
  private places = 0;
  private passedOver = 0;

  /** @param isFileStart Whether FILE_START bytes, which are there, begin a file of any format. */
  constructor(
    readonly queue: ByteQueue,
    private readonly isFileStart: (bytes: Uint8Array, at: number) => boolean,
  ) {}

  /** True where another file begins at an index of the queue's buffer. */
  beginsFile(at: number): boolean {
    const { bytes, limit } = this.queue;
    return at + FILE_START <= limit && this.isFileStart(bytes, at);
  }

  /**
   * Makes this the link type of the frames that follow: another interface, if it changes or the last one has a name.
   * False: there are too many.
   */
  useLinkType(linkType: number): boolean {
    const { interfaces, frame } = this;
    const last = interfaces.at(-1);
    if (last?.linkType !== linkType || last.name !== undefined) {
      if (interfaces.length === MAX_INTERFACES) return false;
      interfaces.push({ linkType });
    }
    frame.linkType = linkType;
    frame.interfaceIndex = interfaces.length - 1;
    return true;
  }

  /** Takes damage behind which reading goes on, and how many bytes were passed over. */
  noteDamage(damage: CaptureFault, passedOver: number): void {
    this.places++;
    this.passedOver += passedOver;
    this.first ??= damage;
  }

  /** What damage there was so far; null: none. */
  get damage(): CaptureFault | null {
    const { first, places, passedOver } = this;
    if (first === null) return null;
    const count = places === 1 ? '' : `${places} damaged places, `;
    const bytes = passedOver === 0 ? '' : `${byteCount(passedOver)} passed over, `;
    return { ...first, reason: `${first.reason}; ${count}${bytes}reading went on` };
  }
}
