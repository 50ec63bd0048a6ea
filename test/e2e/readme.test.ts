/** The README's examples are what the program prints. Those that need jq are run where it is installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Program } from '../helpers/program.js';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const EXAMPLE = /```console\n\$ (.*)\n([\s\S]*?)```/g;
const hasJq = spawnSync('jq', ['--version']).status === 0;

let program: Program;
beforeAll(() => {
  program = Program.build();
});
afterAll(() => program?.remove());

describe('README', () => {
  for (const [, command, output] of readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(EXAMPLE)) {
    const isRun = hasJq || !command.includes('jq ');
    test.runIf(isRun)(isRun ? command : `${command} (skipped: jq is not installed)`, () => {
      const line = command.replaceAll('npx rpcdump', `"${process.execPath}" "${program.main}"`);
      expect(execFileSync('bash', ['-c', line], { cwd: ROOT, encoding: 'utf8' }).trimEnd()).toBe(output.trimEnd());
    });
  }
});
