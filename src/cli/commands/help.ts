/** `rpcdump help [topic]`: the help of a command, or of another topic. */
import { Argument, type Command } from 'commander';
import manifest from '../../../package.json' with { type: 'json' };
import { DissectorLibrary } from '../../dissect/library.js';
import { filterHelp } from '../../output/filter-help.js';
import { UsageError } from '../exit.js';
import { manPage } from '../man-page.js';
import { writeOut } from '../standard-output.js';

const TOPICS: ReadonlyMap<string, (program: Command) => string> = new Map([
  ['filter', () => filterHelp(new DissectorLibrary())],
  ['man', (program: Command) => manPage(program, manifest.version)],
]);

const EXAMPLES = `
Examples:
  rpcdump help stats           the options of 'rpcdump stats'
  rpcdump help filter          the filter language and the names of all fields
  rpcdump help man | man -l -  the manual page`;

export function addHelpCommand(program: Command): void {
  program.helpCommand(false);
  const topic = new Argument('[topic]', 'a command or another topic');
  // Choices for completion only; an unknown topic gets its own message below.
  topic.argChoices = topicsOf(program);
  program
    .command('help')
    .description("Show the help of a command, 'filter' (the language of -Y and its fields) or 'man' (the manual page)")
    .addArgument(topic)
    .addHelpText('after', EXAMPLES)
    .action((topic?: string) => tell(program, topic));
}

/** @throws UsageError */
function tell(program: Command, topic: string | undefined): void {
  const text = topic === undefined ? undefined : TOPICS.get(topic)?.(program);
  const command = topic === undefined ? program : program.commands.find((each) => each.name() === topic);
  // `outputHelp` includes the examples, like `--help`.
  if (text !== undefined) writeOut(text);
  else if (command !== undefined) command.outputHelp();
  else throw new UsageError(`no help for '${topic}'; there is help for ${topicsOf(program).join(', ')}`);
}

function topicsOf(program: Command): string[] {
  return [...program.commands.map((each) => each.name()), ...TOPICS.keys()];
}
