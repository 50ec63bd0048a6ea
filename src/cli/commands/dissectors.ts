/** `rpcdump dissectors [file.x...]`: lists the dissectors, or checks `.x` files and says what each defines. */
import { type Command, Option } from 'commander';
import { type CheckedFile, checkDissector } from '../../dissect/check.js';
import { XdrFileError } from '../../dissect/library.js';
import { dissectorRecords, dissectorTable } from '../../output/dissectors.js';
import { sanitize } from '../../terminal/sanitize.js';
import { type ColorChoice, makeStyles, type Styles, wantsColor } from '../../terminal/style.js';
import { ByteWriter } from '../../xdr/byte-writer.js';
import { renderDiagnostic } from '../../xdr/parse-xdr.js';
import { plural } from '../../xdr/plural.js';
import { EXIT_DONE, EXIT_INPUT } from '../exit.js';
import { loadLibrary } from '../options.js';
import { sayError, writeAside } from '../problems.js';
import { StandardOutput } from '../standard-output.js';

interface DissectorsOptions {
  json?: true;
  color: ColorChoice;
}

const EXAMPLES = `
Examples:
  rpcdump dissectors                which programs are decoded
  rpcdump dissectors my.x           check a .x file before using it with --xdr
  rpcdump dissectors --json | jq .  the same as records`;

export function addDissectorsCommand(program: Command, finish: (status: number) => void): void {
  program
    .command('dissectors')
    .description('List the dissectors, or check .x files')
    .argument('[file.x...]', 'files to check instead')
    .option('--json', 'write one JSON object per line')
    .addOption(new Option('--color <when>', 'use colours').choices(['auto', 'always', 'never']).default('auto'))
    .addHelpText('after', EXAMPLES)
    .action((files: string[], options: DissectorsOptions) => finish(run(files, options)));
}

function run(files: string[], options: DissectorsOptions): number {
  const output = new StandardOutput(new ByteWriter());
  const styles = makeStyles(wantsColor(options.color, output.isTerminal, process.env));
  let status = EXIT_DONE;
  const write = (text: string) => output.buffer.utf8(text);
  if (files.length === 0) {
    const entries = loadLibrary({}).list();
    write(options.json ? dissectorRecords(entries) : dissectorTable(entries, { styles, columns: output.columns }));
  }
  for (const file of files) {
    const checked = check(file);
    if (checked === null || checked.diagnostics.some((diagnostic) => diagnostic.severity === 'error'))
      status = EXIT_INPUT;
    if (checked !== null) write(options.json ? dissectorRecords(checked.entries) : describe(checked, styles));
  }
  output.flush();
  return status;
}

/** Checks one file; its diagnostics go to standard error. null: it cannot be read. */
function check(file: string): CheckedFile | null {
  try {
    const checked = checkDissector(file);
    for (const diagnostic of checked.diagnostics) writeAside(`${renderDiagnostic(diagnostic)}\n`);
    return checked;
  } catch (error) {
    if (!(error instanceof XdrFileError)) throw error;
    sayError(error.message);
    return null;
  }
}

function describe(checked: CheckedFile, styles: Styles): string {
  const { open, close } = styles.heading;
  const { specification, hints, entries } = checked;
  const counts = `${plural(specification.types.size, 'type')}, ${plural(specification.constants.size, 'constant')}`;
  const used = [...hints].sort().map(([name, count]) => (count > 1 ? `${name} (${count})` : name));
  const lines = [`${open}${sanitize(checked.file)}${close}: ${counts}`];
  for (const { program, programNumber, version, procedures } of entries) {
    lines.push(
      `  program ${sanitize(program)} (${programNumber}) version ${version}: ${plural(procedures, 'procedure')}`,
    );
  }
  lines.push(`  hints: ${used.length > 0 ? used.join(', ') : 'none'}`);
  return `${lines.join('\n')}\n`;
}
