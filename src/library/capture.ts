/**
 * `open`: the messages of captures, for programs. `forEach` gives views that cost nothing they are not asked for; iterating gives
 * owned records, read a batch ahead at most: who is slow slows the reading down, and memory stays as it is.
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
  /** `.x` files that add dissectors, and win over the built-in ones. */
  xdr?: readonly string[];
  /** Dissectors that were loaded before, in place of `xdr`. */
  library?: DissectorLibrary;
  /** Is told at once of what is also kept in `problems`. */
  onProblem?: (problem: Problem) => void;
  /** False: decode by the interpreter only, without `new Function`. */
  codegen?: boolean;
  /** False: learn no file names. */
  names?: boolean;
}

/** Records made before they are handed out: enough that waiting for them costs little, few enough to hold. */
const BATCH = 256;

/**
 * Prepares to read captures: files, directories of files, or '-' for standard input; several are one input in time order. They are
 * opened when they are read, each time again.
 * @throws XdrFileError when a `.x` file has errors or cannot be read.
 */
export function open(paths: string | readonly string[], options: OpenOptions = {}): Capture {
  return new Capture(typeof paths === 'string' ? [paths] : paths, options);
}

/** Captures that can be read. What is wrong with one does not end the reading: it is a problem, and the others go on. */
export class Capture implements AsyncIterable<RpcRecord> {
  /** What was wrong with the input in the last pass: look here when it is over. */
  readonly problems: Problem[] = [];
  private readonly library: DissectorLibrary;

  constructor(
    private readonly paths: readonly string[],
    private readonly options: OpenOptions,
  ) {
    this.library = options.library ?? new DissectorLibrary(options.xdr);
  }

  /**
   * Calls back for every message, in order. The view and all that it gives (but values and records) hold until the callback
   * returns, so it must not be asynchronous. `message.stop()` ends the pass.
   */
  async forEach(callback: (message: MessageView) => void): Promise<Account> {
    const inspection = await this.begin((dissection) => {
      view.dissection = dissection;
      callback(view);
    });
    const view = new MessageView(inspection, new RecordBuilder(inspection, this.codegen));
    return inspection.run();
  }

  /** Every message as a record of its own. Leaving the loop early closes the captures. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RpcRecord, void> {
    const queue: RpcRecord[] = [];
    const inspection = await this.begin((dissection) => queue.push(builder.build(dissection)));
    const builder = new RecordBuilder(inspection, this.codegen);
    yield* batches(inspection, queue);
  }

  /**
   * Every call with its reply, or with why there is none, as a record of its own: in the order in which they are over. Replies whose
   * call was not captured come with `call` null.
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
    yield* batches(inspection, queue);
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
    return Inspection.open(this.paths, { library: this.library, onProblem, names, onUnanswered }, handle);
  }

  private get codegen(): boolean {
    return this.options.codegen ?? true;
  }
}

async function* batches<Item>(inspection: Inspection, queue: Item[]): AsyncGenerator<Item, void> {
  for await (const _ of inspection.turns(() => queue.length >= BATCH)) {
    yield* queue;
    queue.length = 0;
  }
}

/** One message while the callback of `forEach` runs. What is asked for is decoded then; nothing else is. */
export class MessageView {
  /** What is known without decoding the body. */
  dissection!: Dissection;

  constructor(
    private readonly inspection: Inspection,
    private readonly builder: RecordBuilder,
  ) {}

  /** Where its bytes are, and its header. */
  get message(): Message {
    return this.dissection.message;
  }

  get type(): 'call' | 'reply' {
    return this.message.type === CALL ? 'call' : 'reply';
  }

  /** Short name of the program; undefined when nobody knows it, and for a reply without its call. */
  get program(): string | undefined {
    return this.dissection.programName;
  }

  get procedure(): string | undefined {
    return this.dissection.procedureName;
  }

  /** The program's status word; null when there is none. */
  get status(): string | null {
    return this.dissection.status;
  }

  /** The call failed: at the RPC level, or by the program's status. null: a call, or too little of a reply to know. */
  get error(): boolean | null {
    return this.dissection.error;
  }

  /** The name of the file that it comes from. */
  get file(): string {
    return this.inspection.files[this.message.file];
  }

  /** One line that says what happened; empty when the procedure is not known. */
  summary(): string {
    const { procedure } = this.dissection;
    return procedure === null ? '' : this.builder.summary();
  }

  /** Arguments or result as a value that stays; undefined when there are none, or they cannot be decoded. */
  value(): XdrValue {
    return this.builder.body(this.dissection).value;
  }

  /** Every field of the arguments or the result with its place in `message.bytes`; null when there are none. */
  tree(): TreeNode | null {
    return this.inspection.dissector.decode()?.root ?? null;
  }

  /** All of it as a record that stays. */
  record(): RpcRecord {
    return this.builder.build(this.dissection);
  }

  /** No more messages are wanted. */
  stop(): void {
    this.inspection.stop();
  }
}
