/** `rpcdump diff <expected> <actual>`: compares two recordings by meaning, so that a golden recording is a test. */
import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Side } from '../../analysis/diff/aliases.js';
import { Diff } from '../../analysis/diff/diff.js';
import type { Finding } from '../../analysis/diff/findings.js';
import { FieldShapes } from '../../analysis/diff/packed-fields.js';
import type { Filter, FilterOptions } from '../../filter/filter.js';
import { MAX_DIFF_UNMATCHED } from '../../limits/diff.js';
import { DiffRecords } from '../../output/diff-record.js';
import { DiffText } from '../../output/diff-text.js';
import { type ColorChoice, makeStyles, wantsColor } from '../../terminal/style.js';
import { ByteWriter } from '../../xdr/byte-writer.js';
import { grouped, plural } from '../../xdr/plural.js';
import { EXIT_DONE, EXIT_FAILED, EXIT_INPUT, UsageError } from '../exit.js';
import { loadFilter } from '../filter-option.js';
import { boundHeap, markAtOnceDuring } from '../heap.js';
import { ignoredPaths } from '../ignored-paths.js';
import { Incomplete } from '../incomplete.js';
import { Interruption } from '../interruption.js';
import { collect, loadLibrary } from '../options.js';
import { Problems, say } from '../problems.js';
import { compareRecordings, Recording } from '../recording.js';
import { StandardOutput } from '../standard-output.js';

interface DiffCommandOptions {
  xdr?: string[];
  only?: string;
  displayFilter?: string;
  ignore?: string[];
  order: 'strict' | 'any';
  json?: true;
  quiet?: true;
  duplicates?: true;
  color: ColorChoice;
}

const EXAMPLES = `
Examples:
  rpcdump diff golden.pcap now.pcap                  what changed
  rpcdump diff --only nfs golden.pcap now.pcap       NFS, not MOUNT and portmap
  rpcdump diff --ignore ..size golden.pcap now.pcap  sizes may differ
  rpcdump diff --json golden.pcap now.pcap | jq -r .path | sort | uniq -c`;

export function addDiffCommand(program: Command, finish: (status: number) => void): void {
  program
    .command('diff')
    .description('Compare two recordings by meaning; exit status 1 if they differ')
    .argument('<expected>', "the reference recording: a capture or a directory of them; '-' is standard input")
    .argument('<actual>', 'the recording to compare with it')
    .option('--only <filter>', "compare only the exchanges that this filter selects; see 'rpcdump help filter'")
    .option('-Y, --display-filter <filter>', 'the same as --only')
    .addOption(
      new Option(
        '--ignore <path>',
        'ignore this field and all fields in it (repeatable): result.resok.verf, ..size',
      ).argParser(collect),
    )
    .addOption(
      new Option('--order <order>', 'compare the order of calls on a connection')
        .choices(['strict', 'any'])
        .default('strict'),
    )
    .option('--json', 'write one JSON object per difference')
    .option('-q, --quiet', 'print no differences; the exit status says it')
    .addOption(
      new Option('--xdr <file>', 'add the dissectors of a .x file (repeatable); they replace built-in ones').argParser(
        collect,
      ),
    )
    .option('--duplicates', 'also compare the messages of frames that were captured twice')
    .addOption(new Option('--color <when>', 'use colours').choices(['auto', 'always', 'never']).default('auto'))
    .addHelpText('after', EXAMPLES)
    .action(async (expected: string, actual: string, options: DiffCommandOptions) =>
      finish(await diffRecordings({ expected, actual }, options)),
    );
}

async function diffRecordings(paths: Record<Side, string>, options: DiffCommandOptions): Promise<number> {
  refuseMistakes(paths, options);
  const library = loadLibrary(options);
  const filterOptions: FilterOptions = { library };
  const ignored = ignoredPaths(options.ignore ?? [], filterOptions);
  const only = options.only ?? options.displayFilter;
  const shapes = new FieldShapes();
  const problems = new Problems();
  const output = new StandardOutput(new ByteWriter());
  const report = newReport(options, output, (number) => library.anyName(number));
  const diff = new Diff({ isStrict: options.order === 'strict' }, (finding) => {
    report.write(finding);
    output.drain();
  });
  const filters: Filter[] = [];
  const open = async (side: Side) => {
    const inputs = () => recording.inspection;
    const filter = await loadFilter(only, { ...filterOptions, inputs });
    if (filter !== null) filters.push(filter);
    const keepDuplicates = options.duplicates === true;
    const recordingOptions = { library, keepDuplicates, ignored, shapes, onProblem: problems.report };
    const recording: Recording = await Recording.open(paths[side], recordingOptions, filter, (each) =>
      diff.add(side, each),
    );
    return recording;
  };
  await boundHeap();
  const recordings = { expected: await open('expected'), actual: await open('actual') };
  const isWhole = await markAtOnceDuring(() => compare(diff, recordings, output));
  const incomplete = new Incomplete(paths, recordings);
  report.end(diff, !incomplete.any);
  output.flush();
  sayRemarks(diff);
  for (const line of incomplete.lines) say(line);
  sayHints(filters);
  if (!isWhole) sayInterrupted(diff);
  if (problems.any || !isWhole || incomplete.isInvalid(diff.counts)) return EXIT_INPUT;
  const { missing, extra, changed, order } = diff.counts;
  return missing + extra + changed + order > 0 ? EXIT_FAILED : EXIT_DONE;
}

function refuseMistakes(paths: Record<Side, string>, options: DiffCommandOptions): void {
  if (paths.expected === '-' && paths.actual === '-') throw new UsageError('only one of the two can be standard input');
  const absent = Object.values(paths).find((path) => path !== '-' && !existsSync(path));
  // Otherwise the whole other recording would be listed as missing.
  if (absent !== undefined) throw new UsageError(`${absent}: no such file or directory`);
  if (options.quiet && options.json) throw new UsageError('-q and --json exclude each other');
  if (options.only !== undefined && options.displayFilter !== undefined)
    throw new UsageError('--only and -Y are the same: join their filters by and');
}

/** Writes the hints that the filters of both sides have: a filter that selects something on one side is right. */
function sayHints(filters: readonly Filter[]): void {
  const [expected = [], actual = []] = filters.map((filter) => filter.hints.lines);
  for (const line of expected) if (actual.includes(line)) say(line);
}

/**
 * Compares until both recordings are over, the output is closed,
 * or the user interrupts. @returns False after an interruption.
 */
async function compare(diff: Diff, recordings: Record<Side, Recording>, output: StandardOutput): Promise<boolean> {
  let isInterrupted = false;
  const interruption = new Interruption(null, () => {
    isInterrupted = true;
  });
  const comparison = compareRecordings(diff, recordings, () => output.isClosed || isInterrupted);
  await Promise.race([comparison, interruption.promise]);
  interruption.forget();
  return !isInterrupted;
}

/** Tells that not everything was compared. */
function sayInterrupted({ counts }: Diff): void {
  say(
    `interrupted: of the two recordings ${grouped(counts.expected)} and ${grouped(counts.actual)} exchanges were read`,
  );
}

interface Report {
  write(finding: Finding): void;
  end(diff: Diff, isWhole: boolean): void;
}

function newReport(
  options: DiffCommandOptions,
  { buffer, isTerminal, columns }: StandardOutput,
  programs: (number: number) => string | undefined,
): Report {
  if (options.quiet) return { write: () => {}, end: () => {} };
  if (options.json) {
    const records = new DiffRecords(buffer);
    return { write: (finding) => records.write(finding), end: () => {} };
  }
  const styles = makeStyles(wantsColor(options.color, isTerminal, process.env));
  return new DiffText(buffer, { styles, columns, programs });
}

/** Writes what a result without differences would hide. */
function sayRemarks({ counts, beyondWindow, forgottenKeys, window, aliases }: Diff): void {
  if (counts.expected + counts.actual === 0) say('nothing was compared: neither recording has an exchange that counts');
  if (beyondWindow > 0) {
    const bounds = `${window} exchanges, ${MAX_DIFF_UNMATCHED} of them without a counterpart`;
    const least = forgottenKeys > 0 ? 'at least ' : '';
    say(
      `${least}${plural(beyondWindow, 'exchange')} both missing and extra: further apart than the window reaches (${bounds})`,
    );
  }
  if (aliases.forgotten > 0)
    say(`${plural(aliases.forgotten, 'name')} forgotten: what they stood for may have changed unseen`);
}
