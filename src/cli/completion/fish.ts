/** Completion for fish: a line for each option of each command. */
import type { CommandModel, OptionModel, Value } from './model.js';

export function fishCompletion(commands: readonly CommandModel[]): string {
  const [first, ...others] = commands;
  const verbs = others.map(({ name }) => name).join(' ');
  const conditionOf = ({ name }: CommandModel) =>
    name === first.name ? `not __fish_seen_subcommand_from ${verbs}` : `__fish_seen_subcommand_from ${name}`;
  return `# Completion of rpcdump for fish: rpcdump completion fish > ~/.config/fish/completions/rpcdump.fish
function __rpcdump_fields
    rpcdump completion fields (commandline -ct) 2>/dev/null
end
complete -c rpcdump -e
${commands.map(({ name, description }) => `complete -c rpcdump -n __fish_use_subcommand -a ${name} -d ${quote(description)}\n`).join('')}${commands
  .map((command) => {
    const condition = quote(conditionOf(command));
    const options = command.options
      .map((option) => `complete -c rpcdump -n ${condition}${optionOf(option)}\n`)
      .join('');
    return options + operandOf(command.operand, condition);
  })
  .join('')}`;
}

function optionOf({ flags, description, value }: OptionModel): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`)).join('');
  return `${names} -d ${quote(description)}${valueFrom(value)}`;
}

/** `-x`: a value that is not a file; `-r`: a value that may be one. */
function valueFrom({ kind, words }: Value): string {
  switch (kind) {
    case 'none':
      return '';
    case 'words':
      return ` -x -a ${quote(words.join(' '))}`;
    case 'fields':
      return " -x -a '(__rpcdump_fields)'";
    case 'folders':
      return " -x -a '(__fish_complete_directories)'";
    case 'files':
      return ' -r -F';
    default:
      return ' -x';
  }
}

function operandOf({ kind, words }: Value, condition: string): string {
  if (kind === 'files') return '';
  return `complete -c rpcdump -n ${condition} -f${kind === 'words' ? ` -a ${quote(words.join(' '))}` : ''}\n`;
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
