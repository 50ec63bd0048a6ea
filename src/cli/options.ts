/**
 * Options that commands share, and the parsing of their values.
 * A wrong value is a UsageError that says what would be right.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DissectorLibrary, XdrFileError } from '../dissect/library.js';
import type { ColorChoice } from '../terminal/style.js';
import { UsageError } from './exit.js';

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
    .argument('[capture...]', "capture files or directories of them; '-' is standard input")
    .addOption(new Option('-r, --read <file>', 'a capture to read, also one named like a command').argParser(collect))
    .addOption(
      new Option('-i, --interface <name>', 'capture from an interface, with tcpdump or dumpcap').argParser(collect),
    )
    .option('-f, --capture-filter <filter>', 'what -i captures, in the language of pcap-filter(7)')
    .option('-Y, --display-filter <filter>', "only the messages that a filter selects; see 'rpcdump help filter'")
    .addOption(
      new Option('--xdr <file>', 'add the dissectors of a .x file; they win over built-in ones').argParser(collect),
    )
    .option('--duplicates', 'show the messages of frames that were captured twice, too')
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .option('-n', 'no name resolution (nothing is resolved anyway)');
}

export function inputsOf(captures: string[], options: InputOptions): string[] {
  const inputs = [...(options.read ?? []), ...captures];
  if (inputs.length === 0) throw new UsageError("no capture given; try 'rpcdump --help'");
  return inputs;
}

/** @throws UsageError with the rendered diagnostics of a `.x` file that has errors. */
export function loadLibrary(options: Pick<InputOptions, 'xdr'>): DissectorLibrary {
  try {
    return new DissectorLibrary(options.xdr ?? []);
  } catch (error) {
    if (error instanceof XdrFileError) throw new UsageError(error.message);
    throw error;
  }
}

export function positiveInteger(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
