/**
 * A pass over captures through all stages: frames → payloads →
 * messages → dissections. `open` and the command line are built on it.
 */
import type { Readable } from 'node:stream';
import type { Account, Time } from '../analysis/account.js';
import { Coverage } from '../capture/coverage.js';
import { totalDrops } from '../capture/drops.js';
import type { Frame } from '../capture/frame.js';
import { expandInputs, type InputProblem } from '../capture/inputs.js';
import { type CaptureProblem, openCaptures, pullFrames, reopenCaptures } from '../capture/merge.js';
import type { CaptureSource, ReadBefore } from '../capture/source.js';
import type { Dissection } from '../dissect/dissection.js';
import { Dissector } from '../dissect/dissector.js';
import { DissectorLibrary } from '../dissect/library.js';
import { HandlesOnly } from '../dissect/names/handles-only.js';
import { Names } from '../dissect/names.js';
import type { Wants } from '../dissect/procedure.js';
import { Network } from '../network/network.js';
import type { PayloadTrace } from '../network/origins.js';
import { newStamp } from '../network/stamp.js';
import type { ExchangeTable } from '../rpc/exchanges.js';
import type { KnownPrograms } from '../rpc/known-programs.js';
import { Messages } from '../rpc/messages.js';
import type { UnansweredOutcome } from '../rpc/outcome.js';
import type { UnopenedConnections } from '../rpc/unopened-connections.js';

/** Something about the input that the user must know; `file` is as the user wrote it. */
export type Problem = InputProblem | CaptureProblem;

export interface InspectOptions {
  library?: DissectorLibrary;
  /** Called with each input that cannot be read; the others are read. */
  onProblem?: (problem: Problem) => void;
  /** The stream for the path '-'; by default standard input. */
  stdin?: Readable | undefined;
  /** Messages have their header only: no program is looked up, no body read. */
  headersOnly?: boolean;
  /** Messages of duplicate frames are passed on too; by default these frames are only counted. */
  keepDuplicates?: boolean;
  /** False: handles are not named. 'hashes': the same, but files can be told apart by their handles. */
  names?: boolean | 'hashes';
  /**
   * How much messages need; by default what summaries need. Programs
   * are learned only for summaries, file names for summaries and names.
   */
  wants?: Wants;
  /** Exchanges that are known at a time; by default MAX_EXCHANGES. */
  exchanges?: number;
  /** Bytes of incomplete records that are kept; by default MAX_RECORDS_TOTAL. */
  recordBytes?: number;
  /** Flows that are kept as objects; by default MAX_AWAKE_FLOWS. */
  awakeFlows?: number;
  /** False: `Message.sameBytes` of second replies is not determined. */
  comparesReplies?: boolean;
  /**
   * Called with an exchange (`Message.exchange`) without a reply
   * once its outcome is known: during the pass, or at its end.
   */
  onUnanswered?: (exchange: number, outcome: UnansweredOutcome) => void;
  /** True ends the reading before this frame; `first` is the time of the first frame. */
  isBeyond?: (frame: Frame, first: Time) => boolean;
  /** Called with each frame before it is read. */
  onFrame?: FrameSink;
  /** Notes where packets and payloads lie in frames, for writing anonymized frames. */
  trace?: PayloadTrace | undefined;
  /** Called with the orders of the frames of a TCP segment that came in IP fragments, before its messages. */
  onFragments?: ((orders: readonly number[]) => void) | undefined;
  /** Called with the number of a connection, and the order of a frame that ends it: a FIN or an RST. */
  onClosing?: ((connection: number, order: number) => void) | undefined;
  /** Called after each frame, once all its messages were passed on, and after the steps at the end. */
  afterFrame?: () => void;
}

/** Takes a frame, valid until the function returns, with its input and the index of that input. */
export type FrameSink = (frame: Frame, source: CaptureSource, index: number) => void;

/** Captures being read, and what their reader needs besides the messages. */
export class Inspection {
  readonly dissector: Dissector;
  private readonly network: Network;
  private readonly messages: Messages;
  private stopped = false;
  /** No more frames are read. */
  private isOver = false;
  /** The time of the first frame. */
  readonly first: Time = { seconds: 0, nanoseconds: 0 };
  /** The least and the greatest time of all frames, which need not be sorted. */
  private readonly oldest: Time = { seconds: 0, nanoseconds: 0 };
  private readonly newest: Time = { seconds: 0, nanoseconds: 0 };
  private hasFrame = false;
  private hasReportedLinks = false;
  private readonly now = newStamp();
  /** null: there is one capture. */
  private readonly coverage: Coverage | null;

  private constructor(
    private readonly sources: CaptureSource[],
    private readonly options: InspectOptions,
    library: DissectorLibrary,
    private handle: (dissection: Dissection) => void,
  ) {
    const { now } = this;
    this.coverage = sources.length > 1 ? new Coverage() : null;
    this.messages = new Messages(
      now,
      (message) => {
        if (this.stopped) return;
        const { dissector } = this;
        this.handle(options.headersOnly ? dissector.readHeader(message) : dissector.dissect(message));
      },
      (exchange, outcome) => {
        if (!this.stopped) options.onUnanswered?.(exchange, outcome);
      },
      {
        capacity: options.exchanges,
        recordBytes: options.recordBytes,
        comparesReplies: options.comparesReplies !== false,
        notesPlaces: options.trace !== undefined,
        onClosing: options.onClosing,
      },
    );
    this.network = new Network(options.trace?.before(this.messages) ?? this.messages, now, {
      keepDuplicates: options.keepDuplicates === true,
      observer: options.trace,
      onFragments: options.onFragments,
      awakeFlows: options.awakeFlows,
    });
    const wants = options.wants ?? 'summaries';
    // Names and programs are learned from the fields that are extracted; with fewer fields nothing must be learned.
    const learns = options.headersOnly !== true && (wants === 'summaries' || wants === 'names');
    this.dissector = new Dissector(library, this.messages.exchanges, {
      names: learns ? newNames(options.names) : null,
      announcements: learns && wants === 'summaries' ? this.messages.knownPrograms : null,
      wants,
    });
  }

  /** Opens files, directories of files and '-' (standard input) as one input in time order. */
  static async open(
    paths: readonly string[],
    options: InspectOptions,
    handle: (dissection: Dissection) => void,
  ): Promise<Inspection> {
    const problem = options.onProblem ?? (() => {});
    const { files, problems } = await expandInputs(paths);
    for (const each of problems) problem(each);
    const sources = await openCaptures(files, problem, { stdin: options.stdin });
    return new Inspection(sources, options, options.library ?? new DissectorLibrary(), handle);
  }

  /** Opens the captures of an earlier pass for the same frames. @throws CaptureError where one can no longer be opened. */
  static async reopen(
    captures: readonly ReadBefore[],
    options: InspectOptions,
    handle: (dissection: Dissection) => void,
  ): Promise<Inspection> {
    const sources = await reopenCaptures(captures);
    return new Inspection(sources, options, options.library ?? new DissectorLibrary(), handle);
  }

  /** Reads to the end, or until `stop` is called. */
  async run(): Promise<Account> {
    const turns = this.turns(() => false);
    while (!(await turns.next()).done);
    return this.account();
  }

  /**
   * The same on demand. Yields after a frame if `isEnough` returns true, before
   * it waits for bytes, and at the end. Leaving it early closes the captures.
   */
  async *turns(isEnough: () => boolean): AsyncGenerator<undefined, void> {
    const { sources, network, options, coverage } = this;
    yield* pullFrames(
      sources,
      (frame, source) => {
        if (!this.hasFrame) {
          this.hasFrame = true;
          for (const time of [this.first, this.oldest, this.newest]) copyTime(frame, time);
        }
        if (this.isOver || options.isBeyond?.(frame, this.first)) return false;
        if (isLater(frame, this.newest)) copyTime(frame, this.newest);
        else if (isLater(this.oldest, frame)) copyTime(frame, this.oldest);
        coverage?.frame(frame, source);
        options.onFrame?.(frame, sources[source], source);
        network.frame(frame, source);
        options.afterFrame?.();
        return !this.isOver;
      },
      isEnough,
      options.onProblem ?? (() => {}),
    );
    for (const _ of this.finishing()) if (isEnough()) yield;
    yield;
  }

  /** Ends the reading, and passes on what was held back for bytes that might still have come. */
  finish(): void {
    for (const _ of this.finishing());
  }

  /** The same in steps, because all calls of a capture may be without a reply. */
  private *finishing(): Generator<undefined> {
    const { options, isOver } = this;
    this.isOver = true;
    if (!isOver) {
      const endAfter = (time: number) => {
        const end = this.endAfter(time);
        return end === null ? null : end.seconds + end.nanoseconds / 1e9;
      };
      for (const steps of [this.network.finishing(), this.messages.finishing(endAfter)]) {
        for (const step of steps) {
          options.afterFrame?.();
          yield step;
        }
      }
    }
    options.afterFrame?.();
    this.reportUnknownLinks();
  }

  /** Reports link types without a decoder, once: what their frames carry is not read. */
  private reportUnknownLinks(): void {
    if (this.hasReportedLinks) return;
    this.hasReportedLinks = true;
    const { files, options } = this;
    for (const { file, linkType, firstFrame, frames } of this.network.counts.unknownLinks) {
      const count = frames === 1 ? '' : ` and ${frames - 1} more`;
      const message = `frame ${firstFrame}${count}: link type ${linkType}, which rpcdump does not know`;
      options.onProblem?.({ file: files[file], message });
    }
  }

  /** Ends the pass: no more messages are passed on, not even those of the current frame. */
  stop(): void {
    this.stopped = true;
    this.isOver = true;
  }

  /** Bytes read of the inputs as they are stored, and their total; `total` is undefined when an input has no size. */
  get progress(): { read: number; total: number | undefined } {
    let read = 0;
    let total: number | undefined = 0;
    for (const { bytesRead, size } of this.sources) {
      read += bytesRead;
      total = total === undefined || size === undefined ? undefined : total + size;
    }
    return { read, total };
  }

  /**
   * The end of the captures that cover a time (in seconds), if
   * captures of a later time follow after a gap; null otherwise.
   */
  endAfter(time: number): Time | null {
    return this.coverage?.endAfter(time) ?? null;
  }

  /** The time of the last frame read. */
  get end(): Time {
    return { seconds: this.now.seconds, nanoseconds: this.now.nanoseconds };
  }

  /** What is known of calls and their replies, by `Message.exchange`. */
  get exchanges(): ExchangeTable {
    return this.messages.exchanges;
  }

  /** Names of the inputs, by the index that messages have. */
  get files(): string[] {
    return this.sources.map((source) => source.name);
  }

  /** The captures as far as they were read, for a second pass. */
  get captures(): ReadBefore[] {
    return this.sources.map(({ name, bytesRead, beginning }) => ({ name, bytesRead, beginning }));
  }

  /** True when a file has several interfaces: then records name theirs. */
  hasInterfaces(file: number): boolean {
    return this.sources[file].reader.interfaces.length > 1;
  }

  /** The programs that were announced so far, and those that were refused. */
  get knownPrograms(): KnownPrograms {
    return this.messages.knownPrograms;
  }

  /** Connections that did not open, of those that have ended or are at their end. */
  get unopened(): UnopenedConnections {
    return this.messages.unopened;
  }

  /** The account of what was read so far. */
  account(): Account {
    return {
      network: this.network.counts,
      rpc: this.messages.counts,
      exchanges: this.messages.exchanges.counts,
      lostDatagrams: this.network.fragments.incomplete,
      firstLostDatagram: this.network.fragments.firstLost,
      evictedFlows: this.network.evictedFlows,
      first: this.oldest,
      last: this.newest,
      droppedFrames: totalDrops(this.sources.flatMap(({ reader }) => reader.drops ?? [])),
      evictedNames: this.dissector.names?.evicted ?? 0,
      evictedContexts: this.dissector.evictedContexts,
    };
  }
}

function copyTime({ seconds, nanoseconds }: Time, to: Time): void {
  to.seconds = seconds;
  to.nanoseconds = nanoseconds;
}

function isLater(one: Time, other: Time): boolean {
  return one.seconds === other.seconds ? one.nanoseconds > other.nanoseconds : one.seconds > other.seconds;
}

function newNames(choice: InspectOptions['names'] = true): Names | null {
  if (choice === false) return null;
  return choice === 'hashes' ? new HandlesOnly() : new Names();
}
