/** The command line as a function: the table of commands, and the only place where errors become an exit status. */
import { existsSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { sanitizeLines } from '../terminal/sanitize.js';
import { EXIT_BUG, EXIT_DONE, EXIT_INPUT, UsageError } from './exit.js';
import { sayError } from './problems.js';
import { writeOut } from './standard-output.js';

type AddCommand = (program: Command, finish: (status: number) => void) => void;

/** The commands in the order of the help; the first is the default. */
const COMMANDS: readonly [name: string, load: () => Promise<AddCommand>][] = [
  ['list', async () => (await import('./commands/list.js')).addListCommand],
  ['stats', async () => (await import('./commands/stats.js')).addStatsCommand],
  ['check', async () => (await import('./commands/check.js')).addCheckCommand],
  ['services', async () => (await import('./commands/services.js')).addServicesCommand],
  ['pending', async () => (await import('./commands/pending.js')).addPendingCommand],
  ['diff', async () => (await import('./commands/diff.js')).addDiffCommand],
  ['dissectors', async () => (await import('./commands/dissectors.js')).addDissectorsCommand],
  ['completion', async () => (await import('./commands/completion.js')).addCompletionCommand],
];

/** Words that ask about all commands. */
const TELLING_ALL: readonly string[] = ['help', '--help', 'completion'];

function tellsAll(args: readonly string[]): boolean {
  return args.some((arg) => TELLING_ALL.includes(arg) || arg.startsWith('-h'));
}

/** The commands that these arguments may ask for. Others are not loaded, so that starting is quick. */
async function loadCommands(args: readonly string[]): Promise<AddCommand[]> {
  if (args.length === 1 && args[0] === '--version') return [];
  const isAll = tellsAll(args);
  const wanted = COMMANDS.filter(([name], index) => index === 0 || isAll || args.includes(name));
  return Promise.all(wanted.map(([, load]) => load()));
}

/** `rpcdump stat FILE` does not list a file called stat if there is none. @throws UsageError */
async function refuseNearCommand([first]: readonly string[]): Promise<void> {
  if (first === undefined || first.startsWith('-') || existsSync(first)) return;
  const names = [...COMMANDS.map(([name]) => name), 'help'];
  if (names.includes(first)) return;
  const { suggest } = await import('../xdr/suggestion.js');
  const advice = suggest(first, names);
  if (advice !== '') throw new UsageError(`${first}: no such file or directory, and no command${advice}`);
}

/** Runs a command. @param args Its words, without the program's name. @returns The exit status; it throws nothing. */
export async function run(args: readonly string[]): Promise<number> {
  let status = EXIT_DONE;
  const finish = (value: number) => {
    status = value;
  };
  const program = new Command('rpcdump')
    .description('Inspect ONC RPC traffic: NFS, MOUNT, rpcbind and any program that has a .x file.')
    .usage('[options] <capture...>\n       rpcdump <command> [options] …')
    .version(manifest.version, '--version', 'print the version')
    .enablePositionalOptions()
    .configureOutput({
      writeOut,
      outputError: (text, write) => write(sanitizeLines(text.replace(/^error: /, 'rpcdump: '))),
    })
    .exitOverride();
  for (const add of await loadCommands(args)) add(program, finish);
  if (tellsAll(args)) (await import('./commands/help.js')).addHelpCommand(program);
  for (const command of program.commands) command.exitOverride();
  try {
    await refuseNearCommand(args);
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return statusOf(error);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_INPUT;
  if (error instanceof UsageError) {
    sayError(error.message);
    return EXIT_INPUT;
  }
  sayError(`a bug in rpcdump: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  return EXIT_BUG;
}
