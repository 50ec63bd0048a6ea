/** `rpcdump stats <capture...>`: counts, errors and response times by procedure, and by the keys of `--by`. */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { BY, BY_NAMES, type ByName } from '../../analysis/by.js';
import { OperationStatistics } from '../../analysis/operation-statistics.js';
import { parseSaved, type SavedStatistics, writeSaved } from '../../analysis/saved-statistics.js';
import { SORT_NAMES, type SortName, sortRows, topRows } from '../../analysis/sort-rows.js';
import { Statistics } from '../../analysis/statistics.js';
import type { Grouping, StatisticsRow } from '../../analysis/statistics-row.js';
import { sumRows } from '../../analysis/sum-rows.js';
import { errorReason } from '../../capture/input.js';
import { FileSubjects } from '../../dissect/names/file-subjects.js';
import type { Inspection } from '../../library/inspection.js';
import { statsCsv, statsLines } from '../../output/stats-record.js';
import { remarksBesideRows } from '../../output/stats-remarks.js';
import { statsTable } from '../../output/stats-table.js';
import { makeStyles, wantsColor } from '../../terminal/style.js';
import { ByteWriter } from '../../xdr/byte-writer.js';
import { grouped } from '../../xdr/plural.js';
import { EXIT_DONE, UsageError } from '../exit.js';
import { addInputOptions, positiveInteger } from '../options.js';
import { OutputFile, refuseInput } from '../output-file.js';
import { say } from '../problems.js';
import { StandardOutput } from '../standard-output.js';
import { openStatistics, type StatisticsOptions } from '../statistics-run.js';

export interface StatsOptions extends StatisticsOptions {
  by?: ByName[];
  interval?: number;
  top?: number;
  sort?: SortName;
  operations?: true;
  totals?: true;
  histogram?: true;
  html?: string;
  json?: true;
  csv?: true;
  save?: string;
  merge?: string[];
}

interface StatsGrouping extends Grouping {
  by: ByName[];
  interval: number | undefined;
}

const EXAMPLES = `
Examples:
  rpcdump stats capture.pcap                       response times by procedure
  rpcdump stats --by client,status capture.pcap    by client and status as well
  rpcdump stats --by file --totals --top 10 capture.pcap
                                                   the ten files with most calls
  rpcdump stats --operations capture.pcap          operations of NFSv4 compounds
  rpcdump stats --interval 1s --json capture.pcap  rows for each second
  rpcdump stats --sort p99 --top 10 capture.pcap   the ten slowest procedures
  rpcdump stats --html report.html capture.pcap    a page with plots, to share
  rpcdump stats --save monday.json monday.pcap     save it, and add it up later:
  rpcdump stats --merge monday.json tuesday.json`;

export function addStatsCommand(program: Command, finish: (status: number) => void): void {
  const command = program
    .command('stats')
    .description('Show response times and errors by program, procedure, client, …');
  addInputOptions(command)
    .addOption(
      new Option('--by <keys>', `split rows by one or more of ${BY_NAMES.join(', ')}, separated by commas`).argParser(
        byNames,
      ),
    )
    .addOption(
      new Option('--interval <time>', 'make rows for each interval of this length: 10s, 1m, 1h').argParser(seconds),
    )
    .addOption(
      new Option('--sort <column>', 'sort by this column, the greatest first (default: calls)').choices([
        ...SORT_NAMES,
      ]),
    )
    .option('--top <n>', 'show the first n rows of each interval', positiveInteger)
    .option('--operations', 'count each operation of NFSv4 compounds')
    .option('--totals', 'add up all procedures: one row for each value of --by')
    .option('--no-names', 'show file handles instead of the names of files')
    .option('--histogram', 'show bars of response times below the table')
    .option('--html <file>', "write a page with tables and plots instead; '-' is standard output")
    .option('--json', 'write one JSON object per line')
    .option('--csv', 'write comma-separated values')
    .option('--save <file>', 'also save the counts in this file, for --merge')
    .option('--merge <file...>', 'add up files that --save wrote')
    .addHelpText('after', EXAMPLES)
    .action(async (captures: string[], options: StatsOptions) => finish(await stats(captures, options)));
}

async function stats(captures: string[], options: StatsOptions): Promise<number> {
  checkOptions(options);
  if (options.html !== undefined) return (await import('./report.js')).report(options.html, captures, options);
  const hasInput = captures.length > 0 || options.read !== undefined || options.interface !== undefined;
  const asked = { by: options.by ?? [], operations: options.operations === true, interval: options.interval };
  const files = (options.merge ?? []).map((file) => load(file, asked));
  // Rows that are only added up have the interval that they were saved with.
  const grouping = hasInput ? asked : { ...asked, interval: asked.interval ?? files[0]?.interval };
  for (const [index, { interval }] of files.entries())
    checkInterval(options.merge![index], interval, grouping.interval);
  if (!hasInput && options.merge !== undefined) return merge(files, grouping, options);
  const needsNames = grouping.by.some((name) => BY[name].needsNames);
  const wants = needsNames ? 'names' : grouping.operations ? 'operations' : 'status';
  const run = await openStatistics(captures, options, wants, () => statistics);
  if (options.save !== undefined) refuseInput(options.save, run.inspection.files);
  const statistics = newStatistics(run.inspection, grouping, options);
  const save = saveFile(options);
  try {
    const account = await run.read(false);
    for (const file of files) add(statistics, file);
    save?.commit(writeSaved(statistics, grouping));
    write(statistics, run.output, grouping, options);
    const status = await run.end(account);
    sayRemarks(statistics, options);
    return status;
  } finally {
    save?.abandon();
  }
}

/** Opened before the captures are read, so that a bad path is reported first. */
function saveFile({ save }: StatsOptions): OutputFile | null {
  return save === undefined ? null : new OutputFile(save);
}

/** Refuses options that would otherwise be ignored silently. @throws UsageError */
function checkOptions({ json, csv, histogram, save }: StatsOptions): void {
  if (json && csv) throw new UsageError('--json and --csv exclude each other');
  if (histogram && (json || csv))
    throw new UsageError(`--histogram goes with the table, not with ${json ? '--json' : '--csv'}`);
  if (save === '-') throw new UsageError('--save needs a file: standard output has the table');
}

/** Merges saved statistics without reading a capture. */
function merge(files: SavedStatistics[], grouping: StatsGrouping, options: StatsOptions): number {
  const statistics = newStatistics(null, grouping, options);
  for (const file of files) add(statistics, file);
  saveFile(options)?.commit(writeSaved(statistics, grouping));
  const output = new StandardOutput(new ByteWriter());
  write(statistics, output, grouping, options);
  output.flush();
  sayRemarks(statistics, options);
  return EXIT_DONE;
}

/** @param inspection The capture to count; null: only saved statistics. */
function newStatistics(
  inspection: Inspection | null,
  { by, operations, interval }: StatsGrouping,
  { totals, save, merge }: StatsOptions,
): Statistics {
  const Kind = operations ? OperationStatistics : Statistics;
  const names = inspection?.dissector.names ?? null;
  const subjects = names === null ? null : new FileSubjects(names);
  return new Kind(() => inspection?.exchanges ?? noExchanges(), {
    by,
    interval,
    subjects,
    // Saved statistics keep their procedures, and so do those that are merged; `write` adds them up.
    totals: totals === true && save === undefined && merge === undefined,
  });
}

function noExchanges(): never {
  throw new Error('no capture is read');
}

function write(statistics: Statistics, output: StandardOutput, grouping: StatsGrouping, options: StatsOptions): void {
  const all = options.totals ? sumRows(statistics.rows) : statistics.rows;
  const rows = topRows(sortRows(all, options.sort ?? 'calls'), options.top);
  output.buffer.utf8(render(statistics, rows, grouping, output, options));
}

/** What the rows do not tell: the table has it below its rows; `--json` and `--csv` have only rows. */
function sayRemarks(statistics: Statistics, { json, csv }: StatsOptions): void {
  if (!json && !csv) return;
  for (const [count, text] of remarksBesideRows(statistics)) say(`${grouped(count)} ${text}`);
}

function render(
  statistics: Statistics,
  rows: StatisticsRow[],
  grouping: StatsGrouping,
  output: StandardOutput,
  options: StatsOptions,
): string {
  if (options.json) return statsLines(rows, grouping);
  if (options.csv) return statsCsv(rows, grouping);
  const styles = makeStyles(wantsColor(options.color, output.isTerminal, process.env));
  const histogram = options.histogram === true;
  return statsTable(statistics, rows, { ...grouping, styles, columns: output.columns, histogram });
}

// Files

function load(file: string, grouping: Grouping): SavedStatistics {
  let saved: SavedStatistics;
  try {
    saved = parseSaved(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${errorReason(error)}`);
  }
  const [kept, wanted] = [optionsText(saved), optionsText(grouping)];
  if (kept !== wanted) throw new UsageError(`${file}: was saved ${kept}, but this run counts ${wanted}`);
  return saved;
}

/** Refuses to add up rows of different intervals. @throws UsageError */
function checkInterval(file: string, saved: number | undefined, wanted: number | undefined): void {
  if (saved === wanted) return;
  const [kept, counted] = [saved, wanted].map((interval) =>
    interval === undefined ? 'without --interval' : `with --interval ${interval}s`,
  );
  throw new UsageError(`${file}: was saved ${kept}, but this run counts ${counted}`);
}

/** The options that rows are told apart by; only rows with the same options can be added up. */
function optionsText({ by, operations }: Grouping): string {
  const options = [...(operations ? ['--operations'] : []), ...(by.length > 0 ? [`--by ${by.join()}`] : [])];
  return options.length === 0 ? 'without --by' : `with ${options.join(' ')}`;
}

function add(statistics: Statistics, { rows, overflow, besideRows }: SavedStatistics): void {
  statistics.merge(rows, overflow, besideRows);
}

// Values of options

function byNames(text: string, before: ByName[] | undefined): ByName[] {
  const names = text.split(',');
  for (const name of names) {
    if (!BY_NAMES.includes(name as ByName))
      throw new InvalidArgumentError(`It must be one or more of ${BY_NAMES.join(', ')}, separated by commas.`);
  }
  return [...new Set([...(before ?? []), ...(names as ByName[])])];
}

const UNITS: Record<string, number> = { '': 1, ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

function seconds(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|)$/.exec(text) ?? [];
  const value = Number(number) * UNITS[unit ?? ''];
  if (!(value >= 0.001)) throw new InvalidArgumentError('It must be a time such as 500ms, 10s, 5m or 1h.');
  return value;
}
