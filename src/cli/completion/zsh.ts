/** Completion for zsh: specifications for `_arguments`, a function for each command. */
import type { CommandModel, OptionModel, Value } from './model.js';

export function zshCompletion(commands: readonly CommandModel[]): string {
  const [first] = commands;
  return `#compdef rpcdump
# Completion of rpcdump for zsh: rpcdump completion zsh > a file _rpcdump in a folder of $fpath, or eval it behind compinit.
_rpcdump_fields() {
  local -a names
  names=(\${(f)"$($words[1] completion fields "$PREFIX" 2>/dev/null)"})
  compadd -S '' -a names
}
${commands.map(commandFunction).join('')}_rpcdump() {
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quote(`${name.replaceAll(':', '\\:')}:${description}`)}\n`).join('')}  )
  if ((CURRENT == 2)) && [[ $PREFIX != -* ]]; then _describe -t commands command commands; fi
  case $words[2] in
${commands.map(({ name }) => `    ${name}) _rpcdump_${name} ;;\n`).join('')}    *) _rpcdump_${first.name} ;;
  esac
}
if [[ $funcstack[1] == _rpcdump ]]; then _rpcdump "$@"; else compdef _rpcdump rpcdump; fi
`;
}

function commandFunction({ name, options, operand }: CommandModel): string {
  const specifications = [...options.flatMap(specificationsOf), quote(`*:operand:${action(operand)}`)];
  return `_rpcdump_${name}() {\n  _arguments -s \\\n${specifications.map((each) => `    ${each}`).join(' \\\n')}\n}\n`;
}

/** All options may be repeated: some collect values, and for others it does no harm. */
function specificationsOf({ flags, description, value, valueName }: OptionModel): string[] {
  const text = description.replace(/[[\]\\:]/g, '\\$&');
  const argument = value.kind === 'none' ? '' : `:${valueName.replaceAll(':', '\\:')}:${action(value)}`;
  return flags.map((flag) =>
    quote(`*${flag}${value.kind !== 'none' && flag.startsWith('--') ? '=' : ''}[${text}]${argument}`),
  );
}

function action({ kind, words }: Value): string {
  switch (kind) {
    case 'words':
      return `(${words.join(' ')})`;
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'fields':
      return '_rpcdump_fields';
    default:
      return ' ';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
