/** The manual page, rpcdump(1), in man(7). It is made of the registered commands, so it always matches them. */
import type { Command } from 'commander';
import { type CommandModel, commandModels, type OptionModel } from './completion/model.js';

const EXIT_STATUS: readonly [status: number, meaning: string][] = [
  [0, 'Done; with check, all rules passed; with diff, no difference.'],
  [1, 'A check failed, or a diff found differences.'],
  [2, 'Wrong usage, or input that could not be read to its end; what could be read was.'],
  [70, 'A bug in rpcdump.'],
];

/** @param version Of the package. */
export function manPage(program: Command, version: string): string {
  const commands = commandModels(program);
  return [
    `.TH RPCDUMP 1 "" "rpcdump ${version}" "User Commands"`,
    '.SH NAME',
    `rpcdump \\- ${roff(lowered(program.description()))}`,
    '.SH SYNOPSIS',
    commands.map((model, i) => synopsis(program.commands[i], model, i === 0)).join('\n.br\n'),
    '.SH DESCRIPTION',
    roff(program.description()),
    `Without a command, rpcdump is \\fB${commands[0].name}\\fR. A capture that is named like a command is given with \\fB\\-r\\fR.`,
    ...commands.flatMap((model, i) => section(program.commands[i], model)),
    '.SH EXIT STATUS',
    ...EXIT_STATUS.flatMap(([status, meaning]) => ['.TP', `.B ${status}`, roff(meaning)]),
    '.SH ENVIRONMENT',
    ...[
      '.TP',
      '.B NO_COLOR',
      'No colours.',
      '.TP',
      '.B FORCE_COLOR',
      'Colours also where standard output is no terminal.',
    ],
    '.SH SEE ALSO',
    '.BR tshark (1),',
    '.BR tcpdump (8),',
    '.BR pcap\\-filter (7),',
    '.BR rpcinfo (8)',
    '',
  ].join('\n');
}

function synopsis(command: Command, { name }: CommandModel, isDefault: boolean): string {
  const operands = command.registeredArguments.map((each) => {
    const text = each.variadic ? `${each.name()}...` : each.name();
    return each.required ? text : `[${text}]`;
  });
  const verb = isDefault ? '' : ` ${name}`;
  return `.B rpcdump${verb}\n[options] ${roff(operands.join(' '))}`;
}

function section(command: Command, { name, description, options }: CommandModel): string[] {
  const examples = examplesOf(command);
  return [
    `.SH ${roff(name.toUpperCase())}`,
    `${roff(capital(description))}.`,
    ...options.flatMap(optionLines),
    ...(examples === '' ? [] : ['.SS Examples', '.nf', ...examples.split('\n').map(roff), '.fi']),
  ];
}

function optionLines({ flags, description, value, valueName }: OptionModel): string[] {
  const names = flags.map((flag) => `\\fB${roff(flag)}\\fR`).join(', ');
  const argument = value.kind === 'none' ? '' : ` \\fI${roff(valueName)}\\fR`;
  const choices = value.words.length === 0 ? '' : `: ${value.words.join(', ')}`;
  return ['.TP', names + argument, roff(`${capital(description)}${choices}.`)];
}

/** The examples after the options in a command's help. */
function examplesOf(command: Command): string {
  let help = '';
  const before = command.configureOutput();
  command.configureOutput({ ...before, writeOut: (text) => (help += text) });
  command.outputHelp();
  command.configureOutput(before);
  const at = help.indexOf('\nExamples:\n');
  return at < 0 ? '' : help.slice(at + '\nExamples:\n'.length).trimEnd();
}

/** Escapes a text, so that nothing in it is a request or an escape. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '');
}

/** A description in the form of whatis(1). */
function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
}
