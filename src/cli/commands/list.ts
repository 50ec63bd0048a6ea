/** `rpcdump <capture...>`: the messages of a capture, as lines, trees or records. */
import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Account } from '../../analysis/account.js';
import type { Dissection } from '../../dissect/dissection.js';
import type { Exchange } from '../../dissect/exchange.js';
import { accountRecord, accountText } from '../../output/account.js';
import { TIME_FORMATS } from '../../output/time.js';
import { CaptureRun } from '../capture-run.js';
import { type DocumentWriter, FORMATS, formatOf, isRecords, newDocument, newExchangeDocument } from '../documents.js';
import { UsageError } from '../exit.js';
import { jobsFor } from '../jobs/count.js';
import { checkOptions, type ListOptions } from '../list-options.js';
import { addInputOptions, collect, positiveInteger } from '../options.js';

const EXAMPLES = `
Examples:
  rpcdump capture.pcap                    one line for every call and reply
  rpcdump -V -c 2 capture.pcap            the first two messages, field by field
  rpcdump --json capture.pcap | jq .args  records, one JSON object per line
  rpcdump -Y 'nfs && elapsed > 10ms' -c 5 capture.pcap
  rpcdump -T fields -e frame -e procedure -e args..name capture.pcap
  rpcdump -Y 'status == NFS3ERR_STALE' -w stale.pcapng capture.pcap
  rpcdump --anonymize -w share.pcapng capture.pcap
  rpcdump --export-objects files capture.pcap
  rpcdump --xdr my.x capture.pcap         decode your own program too
  rpcdump --summary capture.pcap          what is in it, and what is missing
  rpcdump -i eth0 -f 'port 2049'          messages as they come`;

export function addListCommand(program: Command, finish: (status: number) => void): void {
  const command = program.command('list', { isDefault: true }).description('List messages (the default command)');
  // Most users look for the options of the default command, so the program's own help lists them too.
  program.addHelpText('after', () => {
    const help = command.helpInformation();
    return `\n${help.slice(help.indexOf('Arguments:')).trimEnd()}\n${EXAMPLES}`;
  });
  addInputOptions(command)
    .addOption(new Option('-T, --format <format>', 'output format').choices(FORMATS).default('text'))
    .option('--json', 'one JSON object per line: the same as -T ndjson')
    .addOption(
      new Option('-e, --field <field>', 'write this field, with -T fields or --csv (repeatable)').argParser(collect),
    )
    .addOption(
      new Option(
        '-E, --layout <key=value>',
        'layout of -T fields (repeatable): header, separator, quote, occurrence, aggregator',
      ).argParser(collect),
    )
    .option('-w, --write <file>', "write the frames of the messages as pcapng instead; '-' is standard output")
    .option(
      '--export-objects <dir>',
      'write the files that READ and WRITE carried into a new or empty directory instead',
    )
    .option('--anonymize', 'with -w: replace addresses, names and contents, by a random key')
    .option(
      '--anonymize-key <file|text>',
      'with -w: the same by this key, or the key in this file; the same key makes the same names',
    )
    .option('--csv', 'write fields as comma-separated values with a header')
    .option('--only <keys>', 'write only these keys of JSON records, separated by commas')
    .option('-V, --tree', 'show every field of every message')
    .option('-x, --hex', 'show the bytes of every message')
    .addOption(
      new Option(
        '-t, --time <format>',
        'time column: a, ad: time of day (with date); u, ud: in UTC; r: since the first frame; d, dd: since the previous message (shown); e: since 1970',
      )
        .choices([...TIME_FORMATS])
        .default('r'),
    )
    .option('-c, --count <n>', 'stop after n messages shown', positiveInteger)
    .option('--calls', 'write one line or record for each call and its reply')
    .option('-q, --quiet', 'print no messages, only what is wrong with the input')
    .option('--summary', 'print a summary of the capture instead of its messages: what was read, what was missing')
    .option('-l, --line-buffered', 'write each message at once')
    .addOption(
      new Option('--int64 <form>', 'write 64-bit integers in JSON as').choices(['number', 'string']).default('number'),
    )
    .option('--payload', 'include the contents of files (READ, WRITE) in JSON')
    .option('--jobs <n>', 'use at most n threads (default: 1)', positiveInteger)
    .option('--no-names', 'show file handles instead of the names of files')
    .option('--no-codegen', 'write JSON by the interpreter only, for debugging')
    .addHelpText('after', EXAMPLES)
    .action(async (captures: string[], options: ListOptions) => {
      refuseLateCommand(program, captures);
      finish(await list(captures, options));
    });
}

/** `rpcdump -Y nfs stats FILE` does not list a file called stats, unless it exists. @throws UsageError */
function refuseLateCommand(program: Command, captures: string[]): void {
  const late = captures.find((name) => program.commands.some((each) => each.name() === name) && !existsSync(name));
  if (late !== undefined)
    throw new UsageError(`'${late}' is a command, and a command comes first: rpcdump ${late} [options] …`);
}

async function list(captures: string[], options: ListOptions): Promise<number> {
  checkOptions(options);
  if (options.exportObjects !== undefined) {
    const exportOptions = { ...options, ...(isRecords(options) && { json: true as const }) };
    return (await import('./export-objects.js')).exportObjects(options.exportObjects, captures, exportOptions);
  }
  if (options.write !== undefined) return (await import('./write.js')).writeFrames(options.write, captures, options);
  const jobs = await jobsFor(captures, options);
  if (jobs > 1) return (await import('../jobs/list.js')).listInThreads(jobs, captures, options);
  const isSilent = options.quiet === true || options.summary === true;
  const open = options.calls && !isSilent ? openExchanges : openMessages;
  const { run, document } = await open(captures, options, isSilent);
  document.begin();
  const account = await run.read(!isSilent);
  document.end();
  if (options.summary) run.output.buffer.utf8(summaryOf(account, run, options));
  return run.end(account, options.summary === true);
}

/** A capture being listed, and its document. */
interface Listing {
  run: CaptureRun;
  document: Pick<DocumentWriter<never>, 'begin' | 'end'>;
}

async function openMessages(captures: string[], options: ListOptions, headersOnly: boolean): Promise<Listing> {
  const count = counter(options, () => run.inspection.stop());
  const observe = (dissection: Dissection, isSelected: boolean) => {
    if (!isSelected) document.pass?.(dissection);
  };
  const run = await CaptureRun.open(
    captures,
    options,
    { headersOnly, comparesReplies: !headersOnly, names: options.names, ...(options.time === 'd' && { observe }) },
    (dissection) => {
      document.write(dissection);
      count();
    },
  );
  const document = await newDocument(run, options);
  return { run, document };
}

async function openExchanges(captures: string[], options: ListOptions): Promise<Listing> {
  const count = counter(options, () => run.inspection.stop());
  const pass = (exchange: Exchange) => document.pass?.(exchange);
  const hooks = { names: options.names, pass, follow: { names: options.names && formatOf(options) !== 'text' } };
  const run = await CaptureRun.openExchanges(captures, options, hooks, (exchange) => {
    document.write(exchange);
    count();
  });
  const document = await newExchangeDocument(run, options);
  return { run, document };
}

/** Counts the messages shown, for `-c`. */
function counter({ count }: ListOptions, stop: () => void): () => void {
  let shown = 0;
  return () => {
    if (++shown === count) stop();
  };
}

function summaryOf(account: Account, { inspection: { files }, output }: CaptureRun, options: ListOptions): string {
  return isRecords(options) ? accountRecord(account, files) : accountText(account, files, output.columns);
}
