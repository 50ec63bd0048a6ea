/** `rpcdump <capture...>`: the messages of a capture, as lines, trees or records. */
import { type Command, Option } from 'commander';
import type { Account } from '../../analysis/account.js';
import type { Dissection } from '../../dissect/dissector.js';
import type { Inspection } from '../../index.js';
import { accountRecord, accountText } from '../../output/account.js';
import type { RecordWriter } from '../../output/record.js';
import { TIME_FORMATS, TimeColumn, type TimeFormat } from '../../output/time.js';
import { makeStyles, wantsColor } from '../../terminal/style.js';
import type { ByteWriter } from '../../xdr/byte-writer.js';
import { CaptureRun } from '../capture-run.js';
import { UsageError } from '../exit.js';
import type { FieldOptions } from '../field-options.js';
import { addInputOptions, collect, positiveInteger } from '../options.js';
import type { StandardOutput } from '../standard-output.js';
import type { WriteOptions } from './write.js';

const FORMATS = ['text', 'json', 'ndjson', 'fields'] as const;
type Format = (typeof FORMATS)[number];

interface ListOptions extends WriteOptions, FieldOptions {
  format: Format;
  json?: true;
  tree?: true;
  hex?: true;
  time: TimeFormat;
  count?: number;
  quiet?: true;
  summary?: true;
  int64?: string;
  payload?: true;
  codegen: boolean;
}

const EXAMPLES = `
Examples:
  rpcdump capture.pcap                    one line for every call and reply
  rpcdump -V -c 2 capture.pcap            the first two messages, field by field
  rpcdump --json capture.pcap | jq .args  records, one JSON object a line
  rpcdump -Y 'nfs && elapsed > 10ms' -c 5 capture.pcap
  rpcdump -T fields -e frame -e procedure -e args..name capture.pcap
  rpcdump -Y 'status == NFS3ERR_STALE' -w stale.pcapng capture.pcap
  rpcdump --xdr my.x capture.pcap         decode your own program too
  rpcdump --summary capture.pcap          what is in it, and what is missing
  rpcdump -i eth0 -f 'port 2049'          messages as they come`;

export function addListCommand(program: Command, finish: (status: number) => void): void {
  const command = program.command('list', { isDefault: true }).description('list messages (the default command)');
  // What most users look for: the default command's options stand in the program's own help too.
  program.addHelpText('after', () => {
    const help = command.helpInformation();
    return `\n${help.slice(help.indexOf('Arguments:')).trimEnd()}\n${EXAMPLES}`;
  });
  addInputOptions(command)
    .addOption(new Option('-T, --format <format>', 'output format').choices([...FORMATS]).default('text'))
    .option('--json', 'one JSON object a line: the same as -T ndjson')
    .addOption(new Option('-e, --field <field>', 'a field of -T fields or --csv').argParser(collect))
    .addOption(
      new Option('-E, --layout <key=value>', 'header, separator, quote, occurrence, aggregator of -T fields').argParser(
        collect,
      ),
    )
    .option('-w, --write <file>', "write the frames of these messages as pcapng instead ('-': standard output)")
    .option('--csv', 'fields as comma-separated values with a header')
    .option('--only <keys>', 'these keys of JSON records, separated by commas')
    .option('-V, --tree', 'every field of every message')
    .option('-x, --hex', 'the bytes of every message')
    .addOption(new Option('-t, --time <format>', 'time column, as in tshark').choices([...TIME_FORMATS]).default('r'))
    .option('-c, --count <n>', 'stop after n messages shown', positiveInteger)
    .option('-q, --quiet', 'print no messages, only what is wrong with the input')
    .option('--summary', 'the account of the capture in place of its messages: what was read, what was missing')
    .option('-l, --line-buffered', 'write each message at once')
    .addOption(new Option('--int64 <form>', '64-bit values in JSON').choices(['number', 'string']).default('number'))
    .option('--payload', 'the contents of files too, in JSON')
    .option('--no-codegen', 'decode by the interpreter only')
    .addHelpText('after', EXAMPLES)
    .action(async (captures: string[], options: ListOptions) => finish(await list(captures, options)));
}

async function list(captures: string[], options: ListOptions): Promise<number> {
  await checkOptions(options);
  if (options.write !== undefined) return (await import('./write.js')).writeFrames(options.write, captures, options);
  let shown = 0;
  let write: (dissection: Dissection) => void = () => {};
  const headersOnly = options.quiet === true || options.summary === true;
  const run = await CaptureRun.open(captures, options, { headersOnly }, (dissection) => {
    shown++;
    write(dissection);
    if (shown === options.count) run.inspection.stop();
  });
  const { inspection, output } = run;
  const document = await newWriter(run, options);
  write = document.write;
  document.begin();
  const account = await run.read(!headersOnly);
  document.end();
  if (options.summary) output.buffer.utf8(summaryOf(account, inspection.files, options));
  return run.end(account, options.summary === true);
}

function summaryOf(account: Account, files: string[], options: ListOptions): string {
  const isText = !options.json && options.format === 'text';
  return isText ? accountText(account, files) : accountRecord(account, files);
}

interface DocumentWriter {
  begin(): void;
  write(dissection: Dissection): void;
  end(): void;
}

/** The writer of the output format that the options ask for; only that format's modules are loaded. */
async function newWriter(run: CaptureRun, options: ListOptions): Promise<DocumentWriter> {
  const { inspection, output, filterOptions } = run;
  const { buffer } = output;
  const none = () => {};
  if (options.quiet || options.summary) return { begin: none, write: none, end: none };
  const files = inspection.files.length > 1 ? inspection.files : null;
  const format = formatOf(options);
  if (format === 'fields') {
    const { newFieldsDocument } = await import('../fields-document.js');
    return newFieldsDocument(inspection, buffer, options, filterOptions);
  }
  if (format === 'text') return newText(inspection, output, options, files);
  const { RecordWriter } = await import('../../output/record.js');
  const records = new RecordWriter(buffer, inspection.dissector, {
    files,
    hasInterfaces: (file) => inspection.hasInterfaces(file),
    int64Strings: options.int64 === 'string',
    payload: options.payload === true,
    codegen: options.codegen,
  });
  const write = await recordWriter(records, buffer, options.only);
  return format === 'ndjson' ? newLines(write, buffer) : newArray(write, buffer);
}

function formatOf(options: ListOptions): Format {
  if (options.csv) return 'fields';
  return options.json ? 'ndjson' : options.format;
}

/** `--only` is for records, `-e` and `-E` are for fields: elsewhere they would be forgotten silently. */
async function checkOptions(options: ListOptions): Promise<void> {
  const { only, field, layout } = options;
  if (only === undefined && field === undefined && layout === undefined) return;
  const format = formatOf(options);
  if (only !== undefined && format !== 'json' && format !== 'ndjson') {
    throw new UsageError('--only goes with --json or -T json');
  }
  if ((field ?? layout) && format !== 'fields') throw new UsageError('-e and -E go with -T fields or --csv');
}

async function recordWriter(
  records: RecordWriter,
  buffer: ByteWriter,
  only: string | undefined,
): Promise<(dissection: Dissection) => void> {
  if (only === undefined) return (dissection) => records.write(dissection);
  const { keepKeys } = await import('../../output/only.js');
  const keys = (await import('../field-options.js')).onlyKeys(only);
  return (dissection) => {
    const start = buffer.length;
    records.write(dissection);
    keepKeys(buffer, start, keys);
  };
}

/** Lines or trees, each followed by its bytes where they are wanted. */
async function newText(
  inspection: Inspection,
  output: StandardOutput,
  options: ListOptions,
  files: string[] | null,
): Promise<DocumentWriter> {
  const { buffer } = output;
  const { dissector } = inspection;
  const styles = makeStyles(wantsColor(options.color, output.isTerminal, process.env));
  const time = new TimeColumn(options.time, () => inspection.first);
  const text = options.tree
    ? new (await import('../../output/tree.js')).TreeWriter(buffer, dissector, styles, files)
    : new (await import('../../output/list.js')).ListWriter(buffer, dissector, {
        styles,
        time,
        files,
        columns: output.columns,
      });
  const hex = options.hex ? new (await import('../../output/hex.js')).HexWriter(buffer, dissector, styles) : null;
  const write = (dissection: Dissection) => {
    text.write(dissection);
    hex?.write(dissection);
  };
  return { begin: () => {}, write, end: () => {} };
}

function newLines(writeRecord: (dissection: Dissection) => void, buffer: ByteWriter): DocumentWriter {
  return {
    begin: () => {},
    write: (dissection) => {
      writeRecord(dissection);
      buffer.byte(0x0a);
    },
    end: () => {},
  };
}

/** `-T json`: the records as one array. */
function newArray(writeRecord: (dissection: Dissection) => void, buffer: ByteWriter): DocumentWriter {
  let separator = '\n';
  return {
    begin: () => buffer.ascii('['),
    write: (dissection) => {
      buffer.ascii(separator);
      separator = ',\n';
      writeRecord(dissection);
    },
    end: () => buffer.ascii('\n]\n'),
  };
}
