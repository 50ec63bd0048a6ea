/** `rpcdump <capture...>`: the messages of a capture, as lines, trees or records. */
import { type Command, Option } from 'commander';
import type { Account } from '../../analysis/account.js';
import type { Dissection } from '../../dissect/dissector.js';
import type { Inspection, InspectOptions } from '../../index.js';
import { accountRecord, accountText } from '../../output/account.js';
import type { RecordOptions } from '../../output/record.js';
import { TIME_FORMATS, TimeColumn, type TimeFormat } from '../../output/time.js';
import type { UnansweredOutcome } from '../../rpc/outcome.js';
import { makeStyles, wantsColor } from '../../terminal/style.js';
import type { ByteWriter } from '../../xdr/byte-writer.js';
import { CaptureRun, type RunOptions } from '../capture-run.js';
import { UsageError } from '../exit.js';
import { addInputOptions, positiveInteger } from '../options.js';
import type { StandardOutput } from '../standard-output.js';

const FORMATS = ['text', 'json', 'ndjson'] as const;
type Format = (typeof FORMATS)[number];

interface ListOptions extends RunOptions {
  format: Format;
  json?: true;
  tree?: true;
  hex?: true;
  time: TimeFormat;
  count?: number;
  quiet?: true;
  calls?: true;
  summary?: true;
  int64?: string;
  payload?: true;
  codegen: boolean;
  names: boolean;
}

const EXAMPLES = `
Examples:
  rpcdump capture.pcap                    one line for every call and reply
  rpcdump -V -c 2 capture.pcap            the first two messages, field by field
  rpcdump --json capture.pcap | jq .args  records, one JSON object a line
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
    .option('-V, --tree', 'every field of every message')
    .option('-x, --hex', 'the bytes of every message')
    .addOption(new Option('-t, --time <format>', 'time column, as in tshark').choices([...TIME_FORMATS]).default('r'))
    .option('-c, --count <n>', 'stop after n messages', positiveInteger)
    .option('--calls', 'one line or record for each call and its reply')
    .option('-q, --quiet', 'print no messages, only what is wrong with the input')
    .option('--summary', 'the account of the capture in place of its messages: what was read, what was missing')
    .option('-l, --line-buffered', 'write each message at once')
    .addOption(new Option('--int64 <form>', '64-bit values in JSON').choices(['number', 'string']).default('number'))
    .option('--payload', 'the contents of files too, in JSON')
    .option('--no-names', 'show file handles, learn no file names')
    .option('--no-codegen', 'decode by the interpreter only')
    .addHelpText('after', EXAMPLES)
    .action(async (captures: string[], options: ListOptions) => finish(await list(captures, options)));
}

async function list(captures: string[], options: ListOptions): Promise<number> {
  if (options.calls && (options.tree || options.hex)) throw new UsageError('--calls has no -V and no -x');
  let shown = 0;
  const count = (isShown: boolean) => {
    if (isShown && ++shown === options.count) run.inspection.stop();
  };
  const headersOnly = options.quiet === true || options.summary === true;
  const onUnanswered: InspectOptions['onUnanswered'] = (exchange, outcome) => {
    count(document.writeUnanswered?.(exchange, outcome) ?? false);
  };
  const run = await CaptureRun.open(
    captures,
    options,
    { headersOnly, onUnanswered, names: options.names },
    (dissection) => count(document.write(dissection)),
  );
  const { inspection, output } = run;
  const document = await newWriter(inspection, output, options);
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
  /** Takes the message last dissected; true when it wrote something. */
  write(dissection: Dissection): boolean;
  /** The same for an exchange that has no reply. */
  writeUnanswered?(exchange: number, outcome: UnansweredOutcome): boolean;
  end(): void;
}

/** What writes a record of a message or of an exchange, without what stands between records. */
type RecordSource = Pick<DocumentWriter, 'write' | 'writeUnanswered'>;

/** The writer of the output format that the options ask for; only that format's modules are loaded. */
async function newWriter(
  inspection: Inspection,
  output: StandardOutput,
  options: ListOptions,
): Promise<DocumentWriter> {
  const { buffer } = output;
  const none = () => {};
  if (options.quiet || options.summary) return { begin: none, write: () => true, end: none };
  const files = inspection.files.length > 1 ? inspection.files : null;
  const format = options.json ? 'ndjson' : options.format;
  if (format === 'text') return newText(inspection, output, options, files);
  const records = await newRecords(inspection, buffer, options.calls === true, {
    files,
    hasInterfaces: (file) => inspection.hasInterfaces(file),
    int64Strings: options.int64 === 'string',
    payload: options.payload === true,
    codegen: options.codegen,
  });
  return format === 'ndjson' ? newLines(records, buffer) : newArray(records, buffer);
}

async function newRecords(
  { dissector, exchanges }: Inspection,
  buffer: ByteWriter,
  isCalls: boolean,
  options: RecordOptions,
): Promise<RecordSource> {
  if (isCalls) {
    const { ExchangeRecordWriter } = await import('../../output/exchange-record.js');
    return new ExchangeRecordWriter(buffer, dissector, exchanges, options);
  }
  const { RecordWriter } = await import('../../output/record.js');
  const records = new RecordWriter(buffer, dissector, options);
  return {
    write: (dissection) => {
      records.write(dissection);
      return true;
    },
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
  const listOptions = { styles, time, files, columns: output.columns };
  if (options.calls) {
    const { ExchangeListWriter } = await import('../../output/exchange-list.js');
    const exchanges = new ExchangeListWriter(buffer, dissector, inspection.exchanges, listOptions);
    return {
      begin: () => {},
      write: (dissection) => exchanges.write(dissection),
      writeUnanswered: (exchange, outcome) => exchanges.writeUnanswered(exchange, outcome),
      end: () => {},
    };
  }
  const text = options.tree
    ? new (await import('../../output/tree.js')).TreeWriter(buffer, dissector, styles, files)
    : new (await import('../../output/list.js')).ListWriter(buffer, dissector, listOptions);
  const hex = options.hex ? new (await import('../../output/hex.js')).HexWriter(buffer, dissector, styles) : null;
  const write = (dissection: Dissection) => {
    text.write(dissection);
    hex?.write(dissection);
    return true;
  };
  return { begin: () => {}, write, end: () => {} };
}

function newLines(records: RecordSource, buffer: ByteWriter): DocumentWriter {
  const end = (isWritten: boolean) => {
    if (isWritten) buffer.byte(0x0a);
    return isWritten;
  };
  return {
    begin: () => {},
    write: (dissection) => end(records.write(dissection)),
    writeUnanswered: (exchange, outcome) => end(records.writeUnanswered?.(exchange, outcome) ?? false),
    end: () => {},
  };
}

/** `-T json`: the records as one array. */
function newArray(records: RecordSource, buffer: ByteWriter): DocumentWriter {
  let separator = '\n';
  const separated = (write: () => boolean) => {
    const start = buffer.length;
    buffer.ascii(separator);
    const isWritten = write();
    if (isWritten) separator = ',\n';
    else buffer.length = start;
    return isWritten;
  };
  return {
    begin: () => buffer.ascii('['),
    write: (dissection) => separated(() => records.write(dissection)),
    writeUnanswered: (exchange, outcome) => separated(() => records.writeUnanswered?.(exchange, outcome) ?? false),
    end: () => buffer.ascii('\n]\n'),
  };
}
