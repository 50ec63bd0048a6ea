/**
 * `-w`: writes the frames of the selected messages as pcapng. Files are read twice: first to find
 * the frames, then to copy them. Inputs that can be read only once (standard input, named pipes,
 * `-i`) go through a bounded store; frames that left it before they were needed are counted. The
 * output is readable by its owner only, because it holds payloads, and gets its name when it is
 * complete; `-` is standard output. With `--anonymize` an `Anonymizer` makes the frames.
 */
import type { Anonymizer } from '../analysis/anonymize/anonymizer.js';
import { FrameSelection } from '../analysis/frame-selection.js';
import type { Frame } from '../capture/frame.js';
import { readFrames, reopenCaptures } from '../capture/merge.js';
import { PcapngWriter } from '../capture/pcapng-writer.js';
import type { CaptureSource, ReadBefore } from '../capture/source.js';
import type { Dissection } from '../dissect/dissection.js';
import type { Dissector } from '../dissect/dissector.js';
import type { Exchange } from '../dissect/exchange.js';
import { MAX_STORED_FRAME_BYTES, STORED_FRAME_OVERHEAD } from '../limits/export.js';
import { RDMA } from '../network/protocols.js';
import type { Outcome } from '../rpc/outcome.js';
import { ByteWriter, escapeUnsafe } from '../xdr/byte-writer.js';
import { nounFor, plural } from '../xdr/plural.js';
import { EXIT_INPUT, UsageError } from './exit.js';
import { OutputFile } from './output-file.js';
import { say } from './problems.js';
import type { StandardOutput } from './standard-output.js';

const APPLICATION = 'rpcdump';
const FLUSH_AT = 1 << 20;

/** A frame kept until it is known whether it is needed. */
interface StoredFrame {
  frame: Frame;
  file: number;
  interfaceName: string | undefined;
}

export class FrameExport {
  private readonly bytes = new ByteWriter(FLUSH_AT);
  private readonly writer = new PcapngWriter(this.bytes);
  private readonly selection: FrameSelection;
  private readonly text = new ByteWriter(1024);
  private readonly stored: StoredFrame[] = [];
  private storedBytes = 0;
  /** Order of the first frame in the store. */
  private firstStored = 0;
  private lost = 0;
  /** Frames of the first reading. */
  private framesRead = 0;
  /** Selected messages over RDMA, which an `Anonymizer` cannot make. */
  private overRdma = 0;
  /** The second reading was interrupted. */
  private isInterrupted = false;
  /** null: standard output. */
  private readonly file: OutputFile | null;

  /**
   * @param isStored The input can be read only once.
   * @param anonymizer Makes the frames that are written; null: they are copied unchanged.
   * @throws UsageError when the output cannot be opened.
   */
  constructor(
    private readonly path: string,
    private readonly isStored: boolean,
    private readonly output: StandardOutput,
    private readonly anonymizer: Anonymizer | null,
  ) {
    this.file = path === '-' ? null : new OutputFile(path, true);
    this.selection = new FrameSelection((order) => {
      if (this.isStored && order < (anonymizer?.firstOrder ?? this.firstStored)) this.lost++;
    });
    this.writer.begin(APPLICATION);
  }

  /** To be called for every frame of the first reading. */
  readonly onFrame = (frame: Frame, source: CaptureSource, file: number): void => {
    this.framesRead++;
    if (!this.isStored || this.anonymizer !== null) return;
    const bytes = Buffer.from(frame.bytes.subarray(frame.start, frame.end));
    const interfaceName = source.reader.interfaces[frame.interfaceIndex]?.name;
    this.stored.push({ frame: { ...frame, bytes, start: 0, end: bytes.length }, file, interfaceName });
    this.storedBytes += bytes.length + STORED_FRAME_OVERHEAD;
    if (this.storedBytes > MAX_STORED_FRAME_BYTES) this.release(MAX_STORED_FRAME_BYTES / 2);
  };

  /** To be called for every TCP segment that came in IP fragments. */
  readonly onFragments = (orders: readonly number[]): void => this.selection.segmentInFragments(orders);

  /** To be called for every frame that ends a connection. */
  readonly onClosing = (connection: number, order: number): void => this.selection.closing(connection, order);

  /** To be called for every exchange without a reply. */
  readonly onUnanswered = (slot: number, outcome: Outcome): void => {
    if (outcome === 'connection_ended') this.selection.connectionEnded(slot);
  };

  /** To be called for every message. */
  message(dissection: Dissection, isSelected: boolean, dissector: Dissector): void {
    const comment = () => this.comment(dissection, (out) => dissector.writeSummary(out));
    if (isSelected && dissection.message.protocol === RDMA) this.overRdma++;
    this.selection.message(dissection.message, isSelected, comment);
  }

  /** To be called for every selected exchange, after its messages. */
  exchange(exchange: Exchange): void {
    for (const dissection of exchange.messages) {
      if (dissection.message.protocol === RDMA) this.overRdma++;
      const comment = () => this.comment(dissection, (out) => exchange.writeSummary(out, dissection));
      this.selection.selectKept(dissection.message, comment);
    }
    const { call, outcome } = exchange;
    if (call !== null && outcome === 'connection_ended') this.selection.markClosings(call.message.connection);
  }

  /** To be called after the last message, before frames are read again. */
  finishMessages(): void {
    this.selection.finish();
  }

  /**
   * Writes the rest. Captures that were not stored are read again. @throws UsageError when the output cannot be written, or
   * frames are gone; CaptureError when a capture can no longer be opened.
   */
  async finish(captures: readonly ReadBefore[]): Promise<void> {
    if (this.anonymizer !== null) this.anonymizer.finish();
    else if (this.isStored) this.release(0);
    else await this.copy(captures);
    this.flush();
    this.file?.commit();
    this.sayMissing();
  }

  private sayMissing(): void {
    if (this.output.isClosed) return;
    if (this.isInterrupted)
      say(`${this.path}: interrupted: what lies behind the last frame that was read again is missing`);
    const leftOut = this.anonymizer?.leftOut ?? 0;
    if (leftOut > 0)
      say(
        `${this.path}: ${plural(leftOut, 'packet')} left out: tunnelled in fragments, no frame holds ${nounFor(leftOut, 'it', 'them')}`,
      );
    if (this.anonymizer !== null && this.overRdma > 0)
      say(
        `${this.path}: ${plural(this.overRdma, 'message')} over RDMA not copied; ${nounFor(this.overRdma, 'its', 'their')} packets hold zeros`,
      );
    const incomplete = this.anonymizer?.incomplete ?? 0;
    if (incomplete > 0)
      say(`${this.path}: ${plural(incomplete, 'message')} took longer than the store holds; a part is zeros`);
    if (this.lost > 0)
      say(
        `${this.path}: ${plural(this.lost, 'frame')} had left the store before ${nounFor(this.lost, 'it was', 'they were')} needed`,
      );
    const { droppedComments, droppedResends } = this.selection;
    if (droppedResends > 0)
      say(`${this.path}: ${plural(droppedResends, 'frame')} of calls sent again left out, to bound memory`);
    if (droppedComments > 0) say(`${this.path}: ${plural(droppedComments, 'comment')} left out`);
  }

  /**
   * Ctrl-C and SIGTERM during the second reading: the first ends
   * it and keeps the output; the second removes the output.
   */
  readonly interrupt = (): void => {
    if (this.isInterrupted) {
      this.abandon();
      process.exit(EXIT_INPUT);
    }
    this.isInterrupted = true;
  };

  /** Nothing more needs to be written: the user interrupted, or the reader of standard output is gone. */
  get isOver(): boolean {
    return this.isInterrupted || this.output.isClosed;
  }

  /** Removes an incomplete output. */
  abandon(): void {
    this.file?.abandon();
  }

  isMarked(order: number): boolean {
    return this.selection.isMarked(order);
  }

  /** Writes an anonymized frame; of its interface only the number stays. */
  writeAnonymous(frame: Frame, order: number): void {
    this.write(order, { frame, file: 0, interfaceName: undefined });
  }

  /** `NFS v3 reply LOOKUP a.txt`; without names when the capture is anonymized. */
  private comment(dissection: Dissection, writeSummary: (out: ByteWriter) => void): string {
    const { message, programName } = dissection;
    this.text.length = 0;
    if (this.anonymizer === null) writeSummary(this.text);
    else this.text.utf8(dissection.procedureName ?? '');
    const program = programName ?? (message.program < 0 ? 'RPC' : String(message.program));
    const version = message.version < 0 ? '' : ` v${message.version}`;
    const type = message.type === 0 ? 'call' : 'reply';
    return escapeUnsafe(`${program}${version} ${type} ${this.text.toString()}`.trimEnd());
  }

  private async copy(captures: readonly ReadBefore[]): Promise<void> {
    const sources = await reopenCaptures(captures);
    let order = 0;
    await readFrames(
      sources,
      (frame, file) => {
        const { interfaces } = sources[file].reader;
        this.write(order++, { frame, file, interfaceName: interfaces[frame.interfaceIndex]?.name });
        return !this.isOver;
      },
      () => {},
    );
    const gone = this.framesRead - order;
    if (gone > 0 && !this.isOver)
      throw new UsageError(`${plural(gone, 'frame')} of the captures gone before the second reading`);
  }

  /** Removes the oldest frames until at most `limit` bytes are left; writes those that are needed. */
  private release(limit: number): void {
    let gone = 0;
    while (gone < this.stored.length && this.storedBytes > limit) {
      const stored = this.stored[gone++];
      this.storedBytes -= stored.frame.bytes.length + STORED_FRAME_OVERHEAD;
      this.write(this.firstStored++, stored);
    }
    this.stored.splice(0, gone);
  }

  private write(order: number, { frame, file, interfaceName }: StoredFrame): void {
    if (!this.selection.isMarked(order)) return;
    this.writer.frame(frame, file, interfaceName, this.selection.commentsOf(order));
    if (this.bytes.length >= FLUSH_AT) this.flush();
  }

  private flush(): void {
    const { bytes, length } = this.bytes;
    if (this.file === null) {
      this.output.buffer.copy(bytes, 0, length);
      this.output.flush();
    } else this.file.write(bytes, length);
    this.bytes.length = 0;
  }
}
