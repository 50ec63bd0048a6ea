/**
 * Options that commands share, and the parsing of their values.
 * A wrong value is a UsageError that says what would be right.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DissectorLibrary, XdrFileError } from '../dissect/library.js';
import type { ColorChoice } from '../terminal/style.js';
import { renderDiagnostic } from '../xdr/parse-xdr.js';
import { UsageError } from './exit.js';
import { say, writeAside } from './problems.js';

export interface InputOptions {
  /** Absent when the option was not given. */
  read?: string[];
  xdr?: string[];
  interface?: string[];
  captureFilter?: string;
  displayFilter?: string;
  duplicates?: true;
  color: ColorChoice;
}

/** Adds the captures and the input options that every command has. */
export function addInputOptions(command: Command): Command {
  return command
    .argument('[capture...]', "capture files or directories of them; '-' is standard input; with -i, a capture filter")
    .addOption(
      new Option(
        '-r, --read <file>',
        'a capture to read (repeatable); needed for one that is named like a command',
      ).argParser(collect),
    )
    .addOption(
      new Option(
        '-i, --interface <name>',
        'capture from this interface with tcpdump or dumpcap (repeatable)',
      ).argParser(collect),
    )
    .option('-f, --capture-filter <filter>', 'what -i captures, in the language of pcap-filter(7)')
    .addOption(
      new Option(
        '-Y, --display-filter <filter>',
        "use only the messages that this filter selects; see 'rpcdump help filter'",
      ).argParser(only),
    )
    .addOption(
      new Option('--xdr <file>', 'add the dissectors of a .x file (repeatable); they replace built-in ones').argParser(
        collect,
      ),
    )
    .option('--duplicates', 'also use the messages of frames that were captured twice')
    .addOption(new Option('--color <when>', 'use colours').choices(['auto', 'always', 'never']).default('auto'))
    .option('-n', 'accepted as in tshark; rpcdump never resolves addresses');
}

/** Two filters would be read as both, or as either. */
function only(value: string, previous: string | undefined): string {
  if (previous !== undefined) throw new InvalidArgumentError("It was given twice: join the filters by '&&' or '||'.");
  return value;
}

export function inputsOf(captures: string[], options: InputOptions): string[] {
  const inputs = [...(options.read ?? []), ...captures];
  if (inputs.length === 0) throw new UsageError("no capture given; try 'rpcdump --help'");
  if (inputs.filter((path) => path === '-').length > 1) throw new UsageError('standard input can be read only once');
  return inputs;
}

/**
 * The dissectors, with those of `--xdr`; what is odd about these files and their hints is written to standard error.
 * @throws UsageError with the rendered diagnostics of a `.x` file that has errors.
 */
export function loadLibrary(options: Pick<InputOptions, 'xdr'>): DissectorLibrary {
  try {
    const library = new DissectorLibrary(options.xdr ?? []);
    for (const remark of library.remarks) say(remark);
    for (const warning of library.hintWarnings()) writeAside(`${renderDiagnostic(warning)}\n`);
    return library;
  } catch (error) {
    if (error instanceof XdrFileError) throw new UsageError(error.message);
    throw error;
  }
}

export function positiveInteger(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1)
    throw new InvalidArgumentError('It must be a whole number, 1 or greater.');
  return Number(text);
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
