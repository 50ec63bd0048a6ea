/** Captures on their way through the stages: frames → payloads → messages → dissections. What `open` and the command line stand on. */
import type { Readable } from 'node:stream';
import type { Account, Time } from '../analysis/account.js';
import { Coverage } from '../capture/coverage.js';
import type { Frame } from '../capture/frame.js';
import { expandInputs, type InputProblem } from '../capture/inputs.js';
import { type CaptureProblem, openCaptures, pullFrames } from '../capture/merge.js';
import type { CaptureSource } from '../capture/source.js';
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

/** Something about the input that the user has to know; `file` is as the user wrote it. */
export type Problem = InputProblem | CaptureProblem;

export interface InspectOptions {
  library?: DissectorLibrary;
  /** Is told of inputs that cannot be read, and goes on with the others. */
  onProblem?: (problem: Problem) => void;
  /** What the path '-' stands for; standard input when not given. */
  stdin?: Readable | undefined;
  /** Messages come with their header only: no program is looked up, no body read. */
  headersOnly?: boolean;
  /** Frames that were captured before give their messages again; else they are only counted. */
  keepDuplicates?: boolean;
  /** False: handles stay handles, no file names are learnt. 'hashes': nor are they, but who tells files apart knows them by their handles. */
  names?: boolean | 'hashes';
  /** Messages come with less than what summaries need; only with summaries programs are learnt, with status words alone no file names. */
  wants?: Wants;
  /** Exchanges that are known at a time; by default MAX_EXCHANGES. */
  exchanges?: number;
  /** Bytes that are kept of records before they are whole; by default MAX_RECORDS_TOTAL. */
  recordBytes?: number;
  /** Flows of which all is known as objects; by default MAX_AWAKE_FLOWS. */
  awakeFlows?: number;
  /** False: `Message.sameBytes` is asked of no second reply. */
  comparesReplies?: boolean;
  /** Is told of an exchange (`Message.exchange`) without a reply once its outcome is known: in time, or at the end. */
  onUnanswered?: (exchange: number, outcome: UnansweredOutcome) => void;
  /** True ends the reading before this frame; `first` is the time of the first. */
  isBeyond?: (frame: Frame, first: Time) => boolean;
  /** Is given each frame before it is read; `source` is the index of its input. */
  onFrame?: FrameSink;
  /** Is told where packets and payloads lie in frames, for who writes frames anew. */
  trace?: PayloadTrace | undefined;
  /** Is called after each frame, once all its messages were handed on, and after what is told at the end. */
  afterFrame?: () => void;
}

/** Takes a frame that holds until it returns, with the input it came from. */
export type FrameSink = (frame: Frame, source: CaptureSource, index: number) => void;

/** Captures being read, and what their reader needs beside the messages. */
export class Inspection {
  readonly dissector: Dissector;
  private readonly network: Network;
  private readonly messages: Messages;
  private stopped = false;
  /** No more frames are read. */
  private isOver = false;
  /** The time of the first frame. */
  readonly first: Time = { seconds: 0, nanoseconds: 0 };
  private hasFrame = false;
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
      },
    );
    this.network = new Network(options.trace?.before(this.messages) ?? this.messages, now, {
      keepDuplicates: options.keepDuplicates === true,
      observer: options.trace,
      awakeFlows: options.awakeFlows,
    });
    const wants = options.wants ?? 'summaries';
    // What replies teach is found along with what is wanted of them: nothing may learn from what was not looked for.
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

  /** Reads to the end, or until `stop` was called. */
  async run(): Promise<Account> {
    const turns = this.turns(() => false);
    while (!(await turns.next()).done);
    return this.account();
  }

  /**
   * The same for who pulls: reads on only when it is asked to. Yields where `isEnough` answers true after a frame, before it waits
   * for bytes, and at the end. Closes the captures also when it is left early.
   */
  async *turns(isEnough: () => boolean): AsyncGenerator<undefined, void> {
    const { sources, network, options, coverage } = this;
    yield* pullFrames(
      sources,
      (frame, source) => {
        if (!this.hasFrame) {
          this.hasFrame = true;
          this.first.seconds = frame.seconds;
          this.first.nanoseconds = frame.nanoseconds;
        }
        if (this.isOver || options.isBeyond?.(frame, this.first)) return false;
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

  /** Reads no further: what was held back for bytes that might still have come is handed on. */
  finish(): void {
    for (const _ of this.finishing());
  }

  /** The same in steps: all calls of a capture may be without a reply. */
  private *finishing(): Generator<undefined> {
    const { options, isOver } = this;
    this.isOver = true;
    if (!isOver) {
      const endAfter = (time: number) => {
        const end = this.endAfter(time);
        return end === null ? this.now.seconds : end.seconds + end.nanoseconds / 1e9;
      };
      for (const steps of [this.network.finishing(), this.messages.finishing(endAfter)]) {
        for (const step of steps) {
          options.afterFrame?.();
          yield step;
        }
      }
    }
    options.afterFrame?.();
  }

  /** No more messages are wanted; the rest of the current frame's are dropped. */
  stop(): void {
    this.stopped = true;
    this.isOver = true;
  }

  /** Bytes read of the inputs as they are stored, and how many there are; `total` is undefined when an input has no size. */
  get progress(): { read: number; total: number | undefined } {
    let read = 0;
    let total: number | undefined = 0;
    for (const { bytesRead, size } of this.sources) {
      read += bytesRead;
      total = total === undefined || size === undefined ? undefined : total + size;
    }
    return { read, total };
  }

  /** When the captures that were made at a time (in seconds) ended, where others of another time came behind them; null: none did. */
  endAfter(time: number): Time | null {
    return this.coverage?.endAfter(time) ?? null;
  }

  /** What is known of calls and their replies, by `Message.exchange`. */
  get exchanges(): ExchangeTable {
    return this.messages.exchanges;
  }

  /** Names of the inputs, by the index that messages have. */
  get files(): string[] {
    return this.sources.map((source) => source.name);
  }

  /** True when a file has more than one interface: then records name theirs. */
  hasInterfaces(file: number): boolean {
    return this.sources[file].reader.interfaces.length > 1;
  }

  /** Which programs were announced so far, and which refused. */
  get knownPrograms(): KnownPrograms {
    return this.messages.knownPrograms;
  }

  /** What was read so far. */
  account(): Account {
    return {
      network: this.network.counts,
      rpc: this.messages.counts,
      exchanges: this.messages.exchanges.counts,
      lostDatagrams: this.network.fragments.lost,
      evictedFlows: this.network.flows.evicted,
      first: this.first,
      last: { seconds: this.now.seconds, nanoseconds: this.now.nanoseconds },
      evictedNames: this.dissector.names?.evicted ?? 0,
    };
  }
}

function newNames(choice: InspectOptions['names'] = true): Names | null {
  if (choice === false) return null;
  return choice === 'hashes' ? new HandlesOnly() : new Names();
}
