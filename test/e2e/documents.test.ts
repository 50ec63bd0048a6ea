/**
 * The examples of the README and of docs/: each ```console block is run as one shell script, and must print what stands there, on standard
 * output and standard error. They run in a folder of their own that has links to what examples read, so that one may write files.
 * Blocks that need jq are run where it is installed. UPDATE_GOLDENS=1 writes what was printed into the document.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/cli/documents.js';
import { program } from '../helpers/program.js';
import { ownFolder } from '../helpers/with-folder.js';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const BLOCK = /```console\n([\s\S]*?)```/g;
const UPDATE = process.env.UPDATE_GOLDENS === '1';
const hasJq = spawnSync('jq', ['--version']).status === 0;

const folder = ownFolder();

beforeAll(() => {
  for (const name of ['fixtures', 'docs', 'dissectors']) symlinkSync(join(ROOT, name), join(folder, name));
});

/** Runs the commands of a block, and puts what each printed behind it. */
function transcript(commands: string[]): string {
  const separator = '\u0001';
  const script = commands
    .map((command) => command.replaceAll('npx rpcdump', 'rpcdump'))
    .join(`\nprintf '${separator}'\n`);
  const shell = `exec 2>&1\nrpcdump() { "${process.execPath}" "${program.main}" "$@"; }\n${script}`;
  const { stdout } = spawnSync('bash', ['-c', shell], { cwd: folder, encoding: 'utf8', env: program.env });
  const outputs = stdout.split(separator);
  return commands.map((command, index) => `$ ${command}\n${(outputs[index] ?? '').replace(/\n+$/, '\n')}`).join('');
}

const blocksOf = (document: string) => [...readFileSync(join(ROOT, document), 'utf8').matchAll(BLOCK)];
const documents = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md') && blocksOf(name).length > 0,
);

describe.each(documents)('%s', (document) => {
  const path = join(ROOT, document);
  for (const [, block] of blocksOf(document)) {
    const commands = [...block.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command);
    const isRun = hasJq || !commands.some((command) => command.includes('jq '));
    test.runIf(isRun)(isRun ? commands.join('; ') : `${commands[0]} (skipped: jq is not installed)`, () => {
      const printed = transcript(commands);
      if (UPDATE)
        writeFileSync(
          path,
          readFileSync(path, 'utf8').replace(block, () => printed),
        );
      else expect(printed).toBe(block);
    });
  }
});

test('the README names every format of -T', () => {
  const [, named] = /-T ([\w|]+)/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))!;
  expect(named.split('|')).toEqual(FORMATS);
});
