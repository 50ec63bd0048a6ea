/** The `.x` files that come with the C libraries of this machine, where there are any: all parse without an error. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Source } from '../../src/xdr/model.js';
import { parseXdr, renderDiagnostic } from '../../src/xdr/parse-xdr.js';

const folders = ['/usr/include/rpcsvc', '/usr/include/tirpc/rpc', '/usr/include/tirpc/rpcsvc'];
const files = folders.filter((folder) => existsSync(folder)).flatMap(xFilesIn);

function xFilesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.x'));
  return names.map((name) => join(folder, name));
}

function fileBeside(name: string, from: Source): Source | string {
  const path = join(dirname(from.name), basename(name));
  return existsSync(path) ? { name: path, text: readFileSync(path, 'utf8') } : 'no such file';
}

test.skipIf(files.length > 0)(`skipped: no .x files in ${folders.join(', ')}`, (context) => context.skip());

for (const name of files) {
  test(name, () => {
    const { diagnostics } = parseXdr({ name, text: readFileSync(name, 'utf8') }, { include: fileBeside });
    expect(diagnostics.map(renderDiagnostic)).toEqual([]);
  });
}
