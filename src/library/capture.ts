/**
 * `open`: the messages of captures, for programs. `forEach` gives views, which decode
 * only what the callback uses. Iterating gives owned records, read at most one batch
 * ahead: a slow consumer slows the reading down, and memory stays constant.
 */
import type { Account } from '../analysis/account.js';
import type { Dissection } from '../dissect/dissection.js';
import type { Exchange } from '../dissect/exchange.js';
import { ExchangeFollower } from '../dissect/exchange-follower.js';
import { DissectorLibrary } from '../dissect/library.js';
import { CALL, type Message } from '../rpc/message.js';
import type { TreeNode } from '../xdr/tree-node.js';
import type { XdrValue } from '../xdr/value.js';
import { type ExchangeRecord, ExchangeRecordBuilder } from './exchange-record.js';
import { Inspection, type InspectOptions, type Problem } from './inspection.js';
import { RecordBuilder, type RpcRecord } from './record.js';

export interface OpenOptions {
  /** `.x` files with additional dissectors, which replace built-in ones of the same program and version. */
  xdr?: readonly string[];
  /** Dissectors that were loaded before, in place of `xdr`. */
  library?: DissectorLibrary;
  /** Called at once with each problem that is added to `problems`. */
  onProblem?: (problem: Problem) => void;
  /**
   * False: the interpreter makes the values of records, for debugging. Summaries and names still use generated code; only
   * `node --disallow-code-generation-from-strings` prevents all of it.
   */
  codegen?: boolean;
  /** False: do not learn file names. */
  names?: boolean;
}

/** Records that are read ahead: enough that waiting for them costs little, few enough to hold. */
const BATCH = 256;

/**
 * Prepares to read captures: files, directories of files, or '-' for standard input. Several
 * inputs are read as one, in time order. They are opened when reading begins, for each pass again.
 * @throws XdrFileError when a `.x` file has errors or cannot be read.
 */
export function open(paths: string | readonly string[], options: OpenOptions = {}): Capture {
  return new Capture(typeof paths === 'string' ? [paths] : paths, options);
}

/**
 * Captures that can be read. An input that cannot be read does not
 * end the pass: it becomes a problem, and the others are read.
 */
export class Capture implements AsyncIterable<RpcRecord> {
  /** Problems with the input in the last pass; complete when the pass is over. */
  readonly problems: Problem[] = [];
  /**
   * How much was read in the last pass, and how much was missing (`missingPhrases`): complete when the pass is over. null:
   * nothing was read yet.
   */
  account: Account | null = null;
  private readonly library: DissectorLibrary;

  constructor(
    private readonly paths: readonly string[],
    private readonly options: OpenOptions,
  ) {
    this.library = options.library ?? new DissectorLibrary(options.xdr);
  }

  /**
   * Calls back for every message, in order. The view and everything it returns, except values and records, are
   * valid until the callback returns, so the callback must not be asynchronous. `message.stop()` ends the pass.
   */
  async forEach(callback: (message: MessageView) => void): Promise<Account> {
    const inspection = await this.begin((dissection) => {
      view.dissection = dissection;
      callback(view);
    });
    const view = new MessageView(inspection, new RecordBuilder(inspection, this.codegen));
    try {
      return await inspection.run();
    } finally {
      this.account = inspection.account();
    }
  }

  /** Every message as an owned record. Leaving the loop early closes the captures. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RpcRecord, void> {
    const queue: RpcRecord[] = [];
    const inspection = await this.begin((dissection) => queue.push(builder.build(dissection)));
    const builder = new RecordBuilder(inspection, this.codegen);
    yield* this.batches(inspection, queue);
  }

  /**
   * Every call with its reply, or with the reason why there is none, as an owned record, in
   * the order in which exchanges end. A reply whose call was not captured has `call` null.
   */
  async *exchanges(): AsyncGenerator<ExchangeRecord, void> {
    const queue: ExchangeRecord[] = [];
    const inspection = await this.begin(
      (dissection) => follower.add(dissection),
      (slot, outcome) => follower.addUnanswered(slot, outcome),
    );
    const builder = new ExchangeRecordBuilder(new RecordBuilder(inspection, this.codegen));
    const take = (exchange: Exchange) => queue.push(builder.build(exchange));
    const follower = new ExchangeFollower(inspection.dissector, inspection.exchanges, take, { names: true });
    yield* this.batches(inspection, queue);
  }

  private begin(
    handle: (dissection: Dissection) => void,
    onUnanswered: InspectOptions['onUnanswered'] = () => {},
  ): Promise<Inspection> {
    this.problems.length = 0;
    const onProblem = (problem: Problem) => {
      this.problems.push(problem);
      this.options.onProblem?.(problem);
    };
    const names = this.options.names !== false;
    this.account = null;
    return Inspection.open(this.paths, { library: this.library, onProblem, names, onUnanswered }, handle);
  }

  private async *batches<Item>(inspection: Inspection, queue: Item[]): AsyncGenerator<Item, void> {
    try {
      for await (const _ of inspection.turns(() => queue.length >= BATCH)) {
        yield* queue;
        queue.length = 0;
      }
    } finally {
      this.account = inspection.account();
    }
  }

  private get codegen(): boolean {
    return this.options.codegen ?? true;
  }
}

/** One message, during a callback of `forEach`. Only what the callback uses is decoded. */
export class MessageView {
  /** What is known without decoding the body. */
  dissection!: Dissection;

  constructor(
    private readonly inspection: Inspection,
    private readonly builder: RecordBuilder,
  ) {}

  /** The header of the message, and its bytes. */
  get message(): Message {
    return this.dissection.message;
  }

  get type(): 'call' | 'reply' {
    return this.message.type === CALL ? 'call' : 'reply';
  }

  /** Short name of the program; undefined for an unknown program, and for a reply without its call. */
  get program(): string | undefined {
    return this.dissection.programName;
  }

  get procedure(): string | undefined {
    return this.dissection.procedureName;
  }

  /** The program's own status; null when there is none. */
  get status(): string | null {
    return this.dissection.status;
  }

  /**
   * Whether the call failed, at the RPC level or by the program's
   * status. null for a call, and for a reply that was cut off too early.
   */
  get error(): boolean | null {
    return this.dissection.error;
  }

  /** The name of the capture file. */
  get file(): string {
    return this.inspection.files[this.message.file];
  }

  /** A one-line summary; empty when the procedure is unknown. */
  summary(): string {
    const { procedure } = this.dissection;
    return procedure === null ? '' : this.builder.summary();
  }

  /** Arguments or result as an owned value; undefined when there are none, or they cannot be decoded. */
  value(): XdrValue {
    return this.builder.body(this.dissection).value;
  }

  /** Every field of the arguments or the result with its place in `message.bytes`; null when there are none. */
  tree(): TreeNode | null {
    return this.inspection.dissector.decode()?.root ?? null;
  }

  /** The whole message as an owned record. */
  record(): RpcRecord {
    return this.builder.build(this.dissection);
  }

  /** Ends the pass: no more messages are passed on. */
  stop(): void {
    this.inspection.stop();
  }
}
