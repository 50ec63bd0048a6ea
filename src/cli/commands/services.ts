/**
 * `rpcdump services`: which program listens where, as announced and as used, like `rpcinfo -p` but from the capture.
 */
import type { Command } from 'commander';
import { Services } from '../../analysis/services.js';
import { servicesRecords, servicesTable } from '../../output/services.js';
import { makeStyles, wantsColor } from '../../terminal/style.js';
import { plural } from '../../xdr/plural.js';
import { CaptureRun, type RunOptions } from '../capture-run.js';
import { addInputOptions } from '../options.js';
import { say } from '../problems.js';

interface ServicesOptions extends RunOptions {
  json?: true;
}

const EXAMPLES = `
Examples:
  rpcdump services capture.pcap    programs, where they are, and how it is known
  rpcdump services --json capture.pcap | jq -c 'select(.errors > 0)'`;

export function addServicesCommand(program: Command, finish: (status: number) => void): void {
  const command = program.command('services').description('Show which programs were seen or announced, and where');
  addInputOptions(command)
    .option('--json', 'write one JSON object per line')
    .addHelpText('after', EXAMPLES)
    .action(async (captures: string[], options: ServicesOptions) => finish(await services(captures, options)));
}

async function services(captures: string[], options: ServicesOptions): Promise<number> {
  const found = new Services();
  const run = await CaptureRun.open(captures, options, { names: false }, (dissection) => found.count(dissection));
  const account = await run.read(false);
  const { knownPrograms, dissector } = run.inspection;
  const rows = found.rows(knownPrograms.list(), (program, version) => dissector.programName(program, version));
  const styles = makeStyles(wantsColor(options.color, run.output.isTerminal, process.env));
  const { columns } = run.output;
  const files = run.inspection.files.length > 1 ? run.inspection.files : null;
  run.output.buffer.utf8(options.json ? servicesRecords(rows, files) : servicesTable(rows, { styles, columns, files }));
  const status = await run.end(account);
  if (found.uncounted > 0) say(`${plural(found.uncounted, 'message')} of services beyond the most that are told apart`);
  if (knownPrograms.dropped > 0) say(`${plural(knownPrograms.dropped, 'announcement')} beyond the most that are kept`);
  return status;
}
