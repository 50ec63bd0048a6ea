/**
 * The dissectors are files for rpcgen as well: Debian's takes each of them, for headers, XDR routines and client stubs. One that says what
 * rpcgen's dialect cannot express would be named here, with the reason; none does.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DISSECTORS } from '../../src/dissect/library.js';

const PRODUCTS = ['-h', '-c', '-l'];

const isMissing = spawnSync('rpcgen', ['--version']).error !== undefined;
const files = readdirSync(DISSECTORS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.x'))
  .sort();

describe.skipIf(isMissing)(`rpcgen${isMissing ? ' (not installed)' : ''}`, () => {
  test.each(files)('%s', (file) => {
    const refused = PRODUCTS.map((product) => refusalOf(file, product)).filter((refusal) => refusal !== '');
    expect(refused).toEqual([]);
  });
});

/** What rpcgen says of a file when asked for a product; '' when it takes it. */
function refusalOf(file: string, product: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rpcgen-'));
  try {
    const path = join(DISSECTORS, file);
    const { status, stderr } = spawnSync('rpcgen', ['-C', product, '-o', join(folder, 'out'), basename(path)], {
      cwd: dirname(path),
      encoding: 'utf8',
    });
    return status === 0 ? '' : `${product}: ${stderr.trim().slice(0, 300)}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
