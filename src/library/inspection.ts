/** Captures on their way through the stages: frames → payloads → messages → dissections. What `open` and the command line stand on. */
import { expandInputs, type InputProblem } from '../capture/inputs.js';
import { type CaptureProblem, openCaptures, pullFrames } from '../capture/merge.js';
import type { CaptureSource } from '../capture/source.js';
import { type Dissection, Dissector } from '../dissect/dissector.js';
import { DissectorLibrary } from '../dissect/library.js';
import { Network, type NetworkCounts } from '../network/network.js';
import { newStamp } from '../network/stamp.js';
import type { ExchangeCounts } from '../rpc/exchanges.js';
import { Messages, type RpcCounts } from '../rpc/messages.js';

/** Something about the input that the user has to know; `file` is as the user wrote it. */
export type Problem = InputProblem | CaptureProblem;

export interface InspectOptions {
  library?: DissectorLibrary;
  /** Is told of inputs that cannot be read, and goes on with the others. */
  onProblem?: (problem: Problem) => void;
  /** Messages come with their header only: no program is looked up, no body read. */
  headersOnly?: boolean;
  /** Is called after each frame, once all its messages were handed on. */
  afterFrame?: () => void;
}

/** What was read, for the account of the capture. */
export interface Account {
  network: NetworkCounts;
  rpc: RpcCounts;
  exchanges: ExchangeCounts;
  lostDatagrams: number;
  evictedFlows: number;
}

/** Captures being read, and what their reader needs beside the messages. */
export class Inspection {
  readonly dissector: Dissector;
  private readonly network: Network;
  private readonly messages: Messages;
  private stopped = false;
  /** The time of the first frame. */
  firstSeconds = 0;
  firstNanoseconds = 0;
  private hasFrame = false;

  private constructor(
    private readonly sources: CaptureSource[],
    private readonly options: InspectOptions,
    library: DissectorLibrary,
    private handle: (dissection: Dissection) => void,
  ) {
    const now = newStamp();
    this.messages = new Messages(now, (message) => {
      if (this.stopped) return;
      const { dissector } = this;
      this.handle(options.headersOnly ? dissector.readHeader(message) : dissector.dissect(message));
    });
    this.network = new Network(this.messages, now);
    this.dissector = new Dissector(library, this.messages.exchanges);
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
    const sources = await openCaptures(files, problem);
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
    const { sources, network, options } = this;
    yield* pullFrames(
      sources,
      (frame, source) => {
        if (!this.hasFrame) {
          this.hasFrame = true;
          this.firstSeconds = frame.seconds;
          this.firstNanoseconds = frame.nanoseconds;
        }
        network.frame(frame, source);
        options.afterFrame?.();
        return !this.stopped;
      },
      isEnough,
      options.onProblem ?? (() => {}),
    );
    if (!this.stopped) network.finish();
    options.afterFrame?.();
    yield;
  }

  /** No more messages are wanted; the rest of the current frame's are dropped. */
  stop(): void {
    this.stopped = true;
  }

  /** Names of the inputs, by the index that messages have. */
  get files(): string[] {
    return this.sources.map((source) => source.name);
  }

  /** True when a file has more than one interface: then records name theirs. */
  hasInterfaces(file: number): boolean {
    return this.sources[file].reader.interfaces.length > 1;
  }

  /** What was read so far. */
  account(): Account {
    return {
      network: this.network.counts,
      rpc: this.messages.counts,
      exchanges: this.messages.exchanges.counts,
      lostDatagrams: this.network.fragments.lost,
      evictedFlows: this.network.flows.evicted,
    };
  }
}
