/**
 * Reads captures for a command, from the first frame to the exit status. It has what all commands share: inputs
 * or `-i`, progress, Ctrl-C, a closed pipe, and the lines on standard error about what was wrong or missing.
 */
import { existsSync, statSync } from 'node:fs';
import { type Account, missingPhrases } from '../analysis/account.js';
import type { Dissection } from '../dissect/dissection.js';
import type { Exchange } from '../dissect/exchange.js';
import type { ExchangeFollower, FollowOptions } from '../dissect/exchange-follower.js';
import type { Filter, FilterOptions } from '../filter/filter.js';
import { Inspection, type InspectOptions, type Problem } from '../library/inspection.js';
import { accountText } from '../output/account.js';
import { Progress } from '../terminal/progress.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { plural } from '../xdr/plural.js';
import { EXIT_DONE, EXIT_INPUT, UsageError } from './exit.js';
import { loadFilter } from './filter-option.js';
import { boundHeap } from './heap.js';
import { Interruption } from './interruption.js';
import { LiveCapture } from './live-capture.js';
import { type InputOptions, inputsOf, loadLibrary } from './options.js';
import { Problems, say, writeAside } from './problems.js';
import { StandardOutput } from './standard-output.js';

const STANDARD_INPUT = '-';

export interface RunOptions extends InputOptions {
  lineBuffered?: true;
}

export interface RunHooks extends InspectOptions {
  /** Called with every message, before those that `-Y` selects are passed on. */
  observe?: (dissection: Dissection, isSelected: boolean) => void;
}

export interface ExchangeHooks extends Omit<InspectOptions, 'onUnanswered'> {
  observe?: (dissection: Dissection) => void;
  /** Called with the exchanges that `-Y` does not select. */
  pass?: (exchange: Exchange) => void;
  /** What is kept of calls. */
  follow?: FollowOptions;
}

export class CaptureRun {
  readonly problems = new Problems();
  readonly output: StandardOutput;
  private reading: Inspection | null = null;
  /** True when the user ended the reading of files; Ctrl-C is the normal end of pipes and `-i`. */
  isInterrupted = false;
  /** Keeps calls until their replies come; null where no command needs that. */
  follower: ExchangeFollower | null = null;
  /** Names of the inputs. */
  private files: readonly string[] = [];
  /** Options that resolve filters and fields. */
  filterOptions!: FilterOptions;
  /** The filters of the run: their hints are written at the end. */
  filters: readonly { hints: { lines: readonly string[] } }[] = [];
  /** Beside `-r` stand words that name no file. */
  private hasStrayWords = false;
  /** Problems with the data from `-i`, kept until the capture program has said why. */
  private readonly pipeProblems: Problem[] = [];
  private progress: Progress | null = null;

  private constructor(
    private readonly live: LiveCapture | null,
    isLineBuffered: boolean,
  ) {
    this.output = new StandardOutput(new ByteWriter(), isLineBuffered);
  }

  get inspection(): Inspection {
    return this.reading!;
  }

  /**
   * Opens the inputs; `handle` takes the messages that `-Y` selects. @throws UsageError when an input cannot be opened.
   */
  static async open(
    captures: string[],
    options: RunOptions,
    { observe, ...inspectOptions }: RunHooks,
    handle: (dissection: Dissection) => void,
  ): Promise<CaptureRun> {
    return CaptureRun.begin(captures, options, inspectOptions, ({ inspection }, filter) => {
      if (filter === null && observe === undefined) return handle;
      const selects = filter?.forMessages(inspection.dissector) ?? (() => true);
      return (dissection) => {
        const isSelected = selects(dissection);
        observe?.(dissection, isSelected);
        if (isSelected) handle(dissection);
      };
    });
  }

  /** The same for exchanges; `observe` takes all of their messages, selected or not. */
  static async openExchanges(
    captures: string[],
    options: RunOptions,
    { observe, pass, follow, ...inspectOptions }: ExchangeHooks,
    handle: (exchange: Exchange) => void,
  ): Promise<CaptureRun> {
    const { ExchangeFollower } = await import('../dissect/exchange-follower.js');
    let follower: ExchangeFollower;
    const onUnanswered: InspectOptions['onUnanswered'] = (slot, outcome) => follower.addUnanswered(slot, outcome);
    return CaptureRun.begin(captures, options, { ...inspectOptions, onUnanswered }, (run, filter) => {
      const { inspection } = run;
      const select = (exchange: Exchange) => {
        if (filter?.matches(exchange) !== false) handle(exchange);
        else pass?.(exchange);
      };
      follower = new ExchangeFollower(inspection.dissector, inspection.exchanges, select, {
        ...follow,
        names: follow?.names === true || filter?.needsNames === true,
      });
      run.follower = follower;
      if (observe === undefined) return follower.add;
      return (dissection) => {
        observe(dissection);
        follower.add(dissection);
      };
    });
  }

  /** @param prepare Returns the function that takes the messages; called once the captures are open. */
  private static async begin(
    captures: string[],
    options: RunOptions,
    inspectOptions: InspectOptions,
    prepare: (run: CaptureRun, filter: Filter | null) => (dissection: Dissection) => void,
  ): Promise<CaptureRun> {
    await boundHeap();
    const library = inspectOptions.library ?? loadLibrary(options);
    const filterOptions: FilterOptions = { library, inputs: () => run.inspection };
    const filter = await loadFilter(options.displayFilter, filterOptions);
    const live = startLive(captures, options);
    const inputs = live === null ? inputsOf(captures, options) : [STANDARD_INPUT];
    const run: CaptureRun = new CaptureRun(live, options.lineBuffered === true);
    // tcpdump and tshark take such words for a filter.
    run.hasStrayWords = options.read !== undefined && captures.some((name) => name !== '-' && !existsSync(name));
    const { output, problems, pipeProblems } = run;
    run.filterOptions = filterOptions;
    let take: (dissection: Dissection) => void = () => {};
    run.reading = await Inspection.open(
      inputs,
      {
        library,
        keepDuplicates: options.duplicates === true,
        stdin: live?.stream,
        onProblem: (problem) => {
          // What was read before the problem stands above it on a terminal.
          output.flush();
          run.progress?.hide();
          if (live === null) problems.report(problem);
          else pipeProblems.push(problem);
        },
        afterFrame: () => {
          output.drain();
          if (output.isClosed) run.inspection.stop();
        },
        ...inspectOptions,
        headersOnly: inspectOptions.headersOnly === true && filter?.needsBody !== true,
        // A filter may name any field.
        comparesReplies: inspectOptions.comparesReplies !== false || filter !== null,
      },
      (dissection) => take(dissection),
    );
    run.files = run.inspection.files;
    // A pipe: its messages may come one by one.
    output.isLive ||= run.inspection.progress.total === undefined;
    if (filter !== null) run.filters = [filter];
    take = prepare(run, filter);
    return run;
  }

  /** Reads with `pass` until the end, an interruption or `inspection.stop()`. */
  async read(isWritingMessages: boolean, pass: () => Promise<unknown> = () => this.inspection.run()): Promise<Account> {
    const { inspection, output } = this;
    const scrolls = isWritingMessages && output.isTerminal;
    if (!scrolls) this.progress = new Progress(() => inspection.progress);
    const interruption = new Interruption(this.live, () => {
      this.isInterrupted = inspection.progress.total !== undefined;
      inspection.finish();
    });
    await Promise.race([pass(), interruption.promise]);
    interruption.forget();
    this.progress?.end();
    // It holds on to the pass: see `release`.
    this.progress = null;
    if (this.live !== null) await this.endLive(this.live);
    return inspection.account();
  }

  /**
   * Frees all tables of the pass, so that a second pass does not need memory for both:
   * that would be more than the 150 MB that the program may use. Only `end` may follow.
   */
  release(): void {
    this.filterOptions = { library: this.filterOptions.library };
    this.reading = null;
  }

  /**
   * Writes what is left, and says what was wrong or missing, unless
   * the output tells what is missing. @returns The exit status.
   */
  async end(account: Account, tellsMissing = false): Promise<number> {
    this.output.flush();
    if (this.live === null) {
      if (!tellsMissing) this.sayMissing(account);
    } else if (account.network.frames > 0) writeAside(accountText(account, this.files, this.output.columns));
    for (const line of this.forgottenLines) say(line);
    if (this.hasStrayWords) say('words beside -r are captures too; a filter goes with -Y');
    for (const line of new Set(this.filters.flatMap(({ hints }) => hints.lines))) say(line);
    return this.problems.any ? EXIT_INPUT : EXIT_DONE;
  }

  /** Everything that was missing, unreadable or forgotten, one phrase each. */
  missingOf(account: Account): string[] {
    return [...missingPhrases(account, this.files), ...this.forgottenLines];
  }

  private sayMissing(account: Account): void {
    const phrases = missingPhrases(account, this.files);
    if (phrases.length > 0) say(phrases.join(', '));
    else if (account.network.frames === 0 && !this.problems.any && !this.isInterrupted) say('no frames');
  }

  private get forgottenLines(): string[] {
    const forgotten = this.follower?.forgottenArguments ?? 0;
    return forgotten > 0 ? [`${plural(forgotten, 'call')} whose arguments were forgotten, to bound memory`] : [];
  }

  /** A capture program that failed says why itself; then the pipe's own problems are only consequences. */
  private async endLive(live: LiveCapture): Promise<void> {
    const { output, problems } = this;
    output.flush();
    live.stop();
    const { failed, lines } = await live.end();
    const isProblem = failed && !output.isClosed;
    for (const line of lines) {
      if (isProblem) problems.add(line);
      else say(line);
    }
    if (!isProblem) for (const problem of this.pipeProblems) problems.report(problem);
  }
}

function startLive(captures: string[], options: RunOptions): LiveCapture | null {
  if (options.interface === undefined) {
    if (options.captureFilter !== undefined) throw new UsageError('-f goes with -i; -Y selects from what is read');
    return null;
  }
  if (options.read !== undefined) throw new UsageError('-i captures and -r reads: one of them');
  const capture = captures.find((name) => statSync(name, { throwIfNoEntry: false })?.isFile());
  if (capture !== undefined) throw new UsageError(`-i captures, and '${capture}' is a file to read: one of them`);
  // As with tcpdump, operands are a capture filter too.
  const filter = [options.captureFilter ?? '', ...captures].filter((part) => part !== '').join(' ');
  return LiveCapture.start({ interfaces: options.interface, filter });
}
