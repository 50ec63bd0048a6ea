/** What can be completed, taken from the registered commands: their options and the values of these. */
import type { Argument, Command, Option } from 'commander';

/** The kind of a value; the words for `fields` come from `rpcdump completion fields`. */
export type ValueKind = 'none' | 'any' | 'files' | 'folders' | 'fields' | 'words';

export interface Value {
  kind: ValueKind;
  words: readonly string[];
}

export interface OptionModel {
  /** `-T` and `--format`, as far as they exist. */
  flags: string[];
  description: string;
  value: Value;
  /** The placeholder of the value: `format`. */
  valueName: string;
}

export interface CommandModel {
  name: string;
  description: string;
  options: OptionModel[];
  operand: Value;
}

/** Kinds of values by flags and placeholders: `--rules <file>`, `[capture...]`. The first match counts. */
const KINDS: readonly [words: RegExp, kind: ValueKind][] = [
  [/capture-filter/, 'any'],
  [/<(dir|folder)>/, 'folders'],
  [/<(field|filter|path)>/, 'fields'],
  [/file|capture|expected|actual/, 'files'],
];

/** The commands, the default one first; it also has the program's own options. */
export function commandModels(program: Command): CommandModel[] {
  return program.commands.map((command, index) => ({
    name: command.name(),
    description: command.description(),
    options: [...optionsOf(command), ...(index === 0 ? program.options.map(optionModel) : [])],
    operand: operandOf(command.registeredArguments.at(0)),
  }));
}

function optionsOf(command: Command): OptionModel[] {
  return command.createHelp().visibleOptions(command).map(optionModel);
}

function optionModel(option: Option): OptionModel {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const name = /[<[]([^\].>]+)/.exec(option.flags)?.[1] ?? '';
  const takesValue = option.required || option.optional;
  const value: Value = takesValue ? valueFrom(option.flags, option.argChoices) : { kind: 'none', words: [] };
  return { flags, description: option.description, value, valueName: name };
}

function operandOf(argument: Argument | undefined): Value {
  return argument === undefined ? { kind: 'any', words: [] } : valueFrom(argument.name(), argument.argChoices);
}

function valueFrom(words: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: 'words', words: choices };
  return { kind: KINDS.find(([pattern]) => pattern.test(words))?.[1] ?? 'any', words: [] };
}
