/**
 * Colours, decided once: `--color` first, then NO_COLOR and FORCE_COLOR, then whether the output is a terminal. The
 * only file that imports chalk. A style is a pair of escape sequences, so that lines can be written as bytes.
 */
import { Chalk, type ChalkInstance } from 'chalk';

export type ColorChoice = 'auto' | 'always' | 'never';

export interface Style {
  open: string;
  close: string;
}

export type StyleName = 'time' | 'program' | 'call' | 'reply' | 'error' | 'warning' | 'dim' | 'heading' | 'bytes';

export type Styles = Record<StyleName, Style>;

/** Values of FORCE_COLOR that turn colours off, as Node and chalk read it. */
const NO_FORCE: ReadonlySet<string> = new Set(['0', 'false']);

export function wantsColor(choice: ColorChoice, isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return !NO_FORCE.has(env.FORCE_COLOR);
  return isTerminal && env.TERM !== 'dumb';
}

export function makeStyles(color: boolean): Styles {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const pair = (style: ChalkInstance): Style => {
    const [open, close] = style('\u0000').split('\u0000');
    return { open, close };
  };
  return {
    time: pair(chalk.dim),
    program: pair(chalk.cyan),
    call: pair(chalk.blue),
    reply: pair(chalk.green),
    error: pair(chalk.red.bold),
    warning: pair(chalk.yellow),
    dim: pair(chalk.dim),
    heading: pair(chalk.bold),
    bytes: pair(chalk.magenta),
  };
}

/** Text in a style. */
export function styled(text: string, { open, close }: Style): string {
  return `${open}${text}${close}`;
}
