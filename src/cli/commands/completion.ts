/**
 * `rpcdump completion bash|zsh|fish`: a completion script for a shell. The scripts call `rpcdump completion fields`.
 */
import { Argument, type Command } from 'commander';
import { DissectorLibrary } from '../../dissect/library.js';
import { fieldCompletions } from '../../filter/field-completions.js';
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { type CommandModel, commandModels } from '../completion/model.js';
import { zshCompletion } from '../completion/zsh.js';
import { writeOut } from '../standard-output.js';

const SCRIPTS: Record<string, (commands: readonly CommandModel[]) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};
const FIELDS = 'fields';

const EXAMPLES = `
Examples:
  eval "$(rpcdump completion bash)"       in ~/.bashrc
  rpcdump completion zsh > "\${fpath[1]}/_rpcdump"
  rpcdump completion fish > ~/.config/fish/completions/rpcdump.fish`;

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('Print a script that completes commands, options and fields in a shell')
    .addArgument(
      new Argument('<shell>', "the shell; 'fields' prints the names of fields instead").choices([
        ...Object.keys(SCRIPTS),
        FIELDS,
      ]),
    )
    .argument('[typed]', 'with fields: the beginning of their names')
    .addHelpText('after', EXAMPLES)
    .action((shell: string, typed = '') => {
      writeOut(shell === FIELDS ? fields(typed) : SCRIPTS[shell](commandModels(program)));
    });
}

function fields(typed: string): string {
  return fieldCompletions(new DissectorLibrary(), typed)
    .map((name) => `${name}\n`)
    .join('');
}
