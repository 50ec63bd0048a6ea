/**
 * Completion for bash: a function that finds the command among the words, and then completes the word at the cursor.
 */
import type { CommandModel, OptionModel, Value } from './model.js';

export function bashCompletion(commands: readonly CommandModel[]): string {
  const [first, ...others] = commands;
  const verbs = commands.map(({ name }) => name).join(' ');
  return `# Completion of rpcdump for bash: eval "$(rpcdump completion bash)"
_rpcdump() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=${first.name} operands=0 i
  # --format=json comes in three words.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${takingValues(commands).join('|')}) ((i++)) ;;
      -*) ;;
      ${others.map(({ name }) => name).join('|')}|${first.name})
        ((operands++)) || command=\${COMP_WORDS[i]} ;;
      *) ((operands++)) ;;
    esac
  done
  COMPREPLY=()
  case "$command $prev" in
${commands.flatMap((command) => command.options.map((option) => valueCase(command, option))).join('')}  esac
  if [[ $cur == -* ]]; then
    case $command in
${commands.map(({ name, options }) => `      ${name}) _rpcdump_words '${flagsOf(options)}' ;;\n`).join('')}    esac
    return
  fi
  ((operands == 0)) && _rpcdump_words '${verbs}'
  case $command in
${commands.map(({ name, operand }) => `    ${name}) ${action(operand)} ;;\n`).join('')}  esac
}
_rpcdump_add() { local line; while IFS= read -r line; do COMPREPLY+=("$line"); done; }
_rpcdump_words() { _rpcdump_add < <(compgen -W "$1" -- "$cur"); }
_rpcdump_files() { compopt -o filenames 2>/dev/null; _rpcdump_add < <(compgen -f -- "$cur"); }
_rpcdump_folders() { compopt -o filenames 2>/dev/null; _rpcdump_add < <(compgen -d -- "$cur"); }
# Names of bodies' fields go on behind a point.
_rpcdump_fields() {
  compopt -o nospace 2>/dev/null
  _rpcdump_words "$("\${COMP_WORDS[0]}" completion fields "$cur" 2>/dev/null)"
}
complete -F _rpcdump rpcdump
`;
}

function takingValues(commands: readonly CommandModel[]): string[] {
  const flags = commands.flatMap(({ options }) =>
    options.filter(({ value }) => value.kind !== 'none').flatMap((each) => each.flags),
  );
  return [...new Set(flags)];
}

function flagsOf(options: readonly OptionModel[]): string {
  return options.flatMap(({ flags }) => flags).join(' ');
}

function valueCase({ name }: CommandModel, { flags, value }: OptionModel): string {
  if (value.kind === 'none') return '';
  return `    ${flags.map((flag) => `'${name} ${flag}'`).join('|')}) ${action(value)}; return ;;\n`;
}

function action({ kind, words }: Value): string {
  switch (kind) {
    case 'words':
      return `_rpcdump_words '${words.join(' ')}'`;
    case 'files':
    case 'folders':
    case 'fields':
      return `_rpcdump_${kind}`;
    default:
      return ':';
  }
}
