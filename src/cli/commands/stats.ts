/** `rpcdump stats <capture...>`: counts, errors and response times by procedure, and by what the user asks for. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { BY_NAMES, type ByName } from '../../analysis/by.js';
import { parseSaved, type SavedStatistics, writeSaved } from '../../analysis/saved-statistics.js';
import { SORT_NAMES, type SortName, sortRows } from '../../analysis/sort-rows.js';
import { Statistics } from '../../analysis/statistics.js';
import type { StatisticsRow } from '../../analysis/statistics-row.js';
import { statsCsv, statsLines } from '../../output/stats-record.js';
import { statsTable } from '../../output/stats-table.js';
import { makeStyles, wantsColor } from '../../terminal/style.js';
import { ByteWriter } from '../../xdr/byte-writer.js';
import { CaptureRun, type RunOptions } from '../capture-run.js';
import { EXIT_DONE, UsageError } from '../exit.js';
import { addInputOptions, positiveInteger } from '../options.js';
import { StandardOutput } from '../standard-output.js';

interface StatsOptions extends RunOptions {
  by?: ByName[];
  interval?: number;
  top?: number;
  sort: SortName;
  histogram?: true;
  json?: true;
  csv?: true;
  save?: string;
  merge?: string[];
}

const EXAMPLES = `
Examples:
  rpcdump stats capture.pcap                       response times and errors by procedure
  rpcdump stats --by client,status capture.pcap    told apart by client and status
  rpcdump stats --interval 1s --json capture.pcap  a row for each second
  rpcdump stats --sort p99 --top 10 capture.pcap   the ten slowest
  rpcdump stats --save monday.json monday.pcap     keep it, and add it up later:
  rpcdump stats --merge monday.json tuesday.json`;

export function addStatsCommand(program: Command, finish: (status: number) => void): void {
  const command = program.command('stats').description('response times and errors by program, procedure, client …');
  addInputOptions(command)
    .addOption(
      new Option('--by <keys>', `tell apart by ${BY_NAMES.join(', ')}: several with commas`).argParser(byNames),
    )
    .addOption(new Option('--interval <time>', 'a row for each time of this length: 10s, 1m, 1h').argParser(seconds))
    .addOption(new Option('--sort <column>', 'the greatest first').choices([...SORT_NAMES]).default('calls'))
    .option('--top <n>', 'the first n rows', positiveInteger)
    .option('--histogram', 'bars of response times below the table')
    .option('--json', 'one JSON object a line')
    .option('--csv', 'comma-separated values')
    .option('--save <file>', 'write what was counted, for --merge')
    .option('--merge <file...>', 'add up what --save wrote')
    .addHelpText('after', EXAMPLES)
    .action(async (captures: string[], options: StatsOptions) => finish(await stats(captures, options)));
}

async function stats(captures: string[], options: StatsOptions): Promise<number> {
  const hasInput = captures.length > 0 || options.read !== undefined || options.interface !== undefined;
  const by = options.by ?? [];
  const files = (options.merge ?? []).map((file) => load(file, by));
  if (!hasInput && options.merge !== undefined) {
    const statistics = new Statistics(noExchanges, { by, interval: options.interval });
    for (const file of files) add(statistics, file);
    const output = new StandardOutput(new ByteWriter(), false);
    write(statistics, output, by, options);
    output.flush();
    return EXIT_DONE;
  }
  const statistics: Statistics = new Statistics(() => run.inspection.exchanges, { by, interval: options.interval });
  const run = await CaptureRun.open(
    captures,
    options,
    { wants: 'status', onUnanswered: (exchange, outcome) => statistics.addUnanswered(exchange, outcome) },
    (dissection) => statistics.add(dissection),
  );
  const account = await run.read(false);
  for (const file of files) add(statistics, file);
  write(statistics, run.output, by, options);
  return run.end(account);
}

function noExchanges(): never {
  throw new Error('no capture is read');
}

function write(statistics: Statistics, output: StandardOutput, by: ByName[], options: StatsOptions): void {
  if (options.save !== undefined) save(options.save, statistics, by);
  const rows = sortRows([...statistics.rows.values()], options.sort).slice(0, options.top);
  output.buffer.utf8(render(statistics, rows, by, output, options));
}

function render(
  statistics: Statistics,
  rows: StatisticsRow[],
  by: ByName[],
  output: StandardOutput,
  options: StatsOptions,
): string {
  if (options.json) return statsLines(rows, by);
  if (options.csv) return statsCsv(rows, by);
  const styles = makeStyles(wantsColor(options.color, output.isTerminal, process.env));
  return statsTable(statistics, rows, { styles, by, columns: output.columns, histogram: options.histogram === true });
}

// Files

function save(file: string, statistics: Statistics, by: ByName[]): void {
  try {
    writeFileSync(file, writeSaved(statistics, by));
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

function load(file: string, by: ByName[]): SavedStatistics {
  let saved: SavedStatistics;
  try {
    saved = parseSaved(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
  if (saved.by.join() !== by.join()) {
    throw new UsageError(`${file}: was counted ${saved.by.length === 0 ? 'without --by' : `--by ${saved.by.join()}`}`);
  }
  return saved;
}

function add(statistics: Statistics, saved: SavedStatistics): void {
  statistics.merge(saved.rows);
  statistics.repliesWithoutCall += saved.repliesWithoutCall;
  statistics.mergedRows += saved.mergedRows;
}

// Values of options

function byNames(text: string, before: ByName[] | undefined): ByName[] {
  const names = text.split(',');
  for (const name of names) {
    if (!BY_NAMES.includes(name as ByName)) throw new InvalidArgumentError(`It must be of ${BY_NAMES.join(', ')}.`);
  }
  return [...(before ?? []), ...(names as ByName[])];
}

const UNITS: Record<string, number> = { '': 1, ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

function seconds(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|)$/.exec(text) ?? [];
  const value = Number(number) * UNITS[unit ?? ''];
  if (!(value >= 0.001)) throw new InvalidArgumentError('It must be a time such as 500ms, 10s, 5m or 1h.');
  return value;
}
