/** `rpcdump help [topic]`: the help of a command, or of what has no command of its own. */
import type { Command } from 'commander';
import { DissectorLibrary } from '../../dissect/library.js';
import { filterHelp } from '../../output/filter-help.js';
import { UsageError } from '../exit.js';

const TOPICS: ReadonlyMap<string, () => string> = new Map([['filter', () => filterHelp(new DissectorLibrary())]]);

export function addHelpCommand(program: Command): void {
  program.helpCommand(false);
  program
    .command('help')
    .description("the help of a command, or 'filter': the language of -Y and its fields")
    .argument('[topic]')
    .action((topic?: string) => {
      process.stdout.write(helpOf(program, topic));
    });
}

function helpOf(program: Command, topic: string | undefined): string {
  const text = topic === undefined ? undefined : TOPICS.get(topic)?.();
  if (text !== undefined) return text;
  const command = topic === undefined ? program : program.commands.find((each) => each.name() === topic);
  if (command !== undefined) return command.helpInformation();
  const names = [...program.commands.map((each) => each.name()), ...TOPICS.keys()];
  throw new UsageError(`no help for '${topic}'; there is help for ${names.join(', ')}`);
}
