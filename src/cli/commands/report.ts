/** `rpcdump stats --html FILE`: a page with plots and tables of a capture, written when the capture has been read. */
import { Report } from '../../analysis/report.js';
import { FileSubjects } from '../../dissect/names/file-subjects.js';
import { reportPage } from '../../output/html/page.js';
import { UsageError } from '../exit.js';
import { OutputFile, refuseInput } from '../output-file.js';
import { openStatistics } from '../statistics-run.js';
import type { StatsOptions } from './stats.js';

/** Options of the table that a report does not take. */
const OTHERS = [
  'by',
  'interval',
  'sort',
  'top',
  'operations',
  'totals',
  'histogram',
  'json',
  'csv',
  'save',
  'merge',
] as const;

export async function report(file: string, captures: string[], options: StatsOptions): Promise<number> {
  const other = OTHERS.find((name) => options[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--html has its own tables and takes no --${other}`);
  const run = await openStatistics(captures, options, 'names', () => counted);
  const { inspection } = run;
  const { names } = inspection.dissector;
  const counted = new Report(() => inspection.exchanges, names === null ? null : new FileSubjects(names));
  refuseInput(file, inspection.files);
  const output = file === '-' ? null : new OutputFile(file);
  try {
    const account = await run.read(false);
    const page = reportPage(counted, { account, files: inspection.files, filter: options.displayFilter });
    if (output === null) run.output.buffer.utf8(page);
    else output.commit(page);
    return await run.end(account);
  } finally {
    output?.abandon();
  }
}
