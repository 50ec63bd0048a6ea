/** `rpcdump help [topic]`: the help of a command, or of what has no command of its own. */
import { Argument, type Command } from 'commander';
import manifest from '../../../package.json' with { type: 'json' };
import { DissectorLibrary } from '../../dissect/library.js';
import { filterHelp } from '../../output/filter-help.js';
import { UsageError } from '../exit.js';
import { manPage } from '../man-page.js';

const TOPICS: ReadonlyMap<string, (program: Command) => string> = new Map([
  ['filter', () => filterHelp(new DissectorLibrary())],
  ['man', (program: Command) => manPage(program, manifest.version)],
]);

export function addHelpCommand(program: Command): void {
  program.helpCommand(false);
  const topic = new Argument('[topic]');
  // For who completes; what is none of them gets an answer of its own.
  topic.argChoices = topicsOf(program);
  program
    .command('help')
    .description("the help of a command; 'filter': the language of -Y and its fields; 'man': rpcdump(1)")
    .addArgument(topic)
    .action((topic?: string) => {
      process.stdout.write(helpOf(program, topic));
    });
}

function helpOf(program: Command, topic: string | undefined): string {
  const text = topic === undefined ? undefined : TOPICS.get(topic)?.(program);
  if (text !== undefined) return text;
  const command = topic === undefined ? program : program.commands.find((each) => each.name() === topic);
  if (command !== undefined) return command.helpInformation();
  throw new UsageError(`no help for '${topic}'; there is help for ${topicsOf(program).join(', ')}`);
}

function topicsOf(program: Command): string[] {
  return [...program.commands.map((each) => each.name()), ...TOPICS.keys()];
}
