/**
 * Every fixture of fixtures/x: those of `ok` parse without an error, to the outline beside them (and the warnings, if any); those
 * of `fail` give the diagnostics beside them. UPDATE_GOLDENS=1 writes both.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/xdr/model.js';
import { parseXdr, renderDiagnostic } from '../../src/xdr/parse-xdr.js';
import { outline } from './outline.js';

const root = new URL('../../fixtures/x/', import.meta.url);

describe.each(['ok', 'fail'])('fixtures/x/%s', (folder) => {
  const folderUrl = new URL(`${folder}/`, root);
  const include = (name: string): Source | string => {
    const url = new URL(name, folderUrl);
    return existsSync(url) ? { name, text: readFileSync(url, 'utf8') } : 'no such file';
  };

  test.each(readdirSync(folderUrl).filter((name) => name.endsWith('.x')))('%s', (name) => {
    const { specification, diagnostics } = parseXdr(include(name) as Source, { include });
    const errors = diagnostics.filter((each) => each.severity === 'error');
    const report = diagnostics.map((each) => `${renderDiagnostic(each)}\n`).join('');
    expect(errors.length > 0).toBe(folder === 'fail');
    compare(
      new URL(name.replace(/\.x$/, '.golden'), folderUrl),
      folder === 'ok' ? report + outline(specification) : report,
    );
  });
});

function compare(golden: URL, actual: string): void {
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(golden, actual);
  expect(actual).toBe(readFileSync(golden, 'utf8'));
}
