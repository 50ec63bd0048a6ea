/** Exported files by the names that a capture gives them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ObjectStore } from '../../src/cli/object-store.js';
import type { Names } from '../../src/dissect/names.js';
import type { Endpoint } from '../../src/network/flow.js';
import { Message } from '../../src/rpc/message.js';

const server = { id: 1, address: '10.0.0.1', port: 2049 } as Endpoint;

/** Writes a file for each path, which is also what is in it, and answers what files there are then. */
function exported(paths: readonly string[]): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'rpcdump-objects-'));
  const names = { pathsOf: (_: Endpoint, [index]: Uint8Array) => [paths[index]] } as unknown as Names;
  const store = new ObjectStore(folder, () => names);
  for (const [index, path] of paths.entries()) {
    const bytes = Buffer.from(path);
    store.data({ server, handle: Uint8Array.of(index) }, 'write', 0, bytes, new Message());
  }
  store.finish();
  store.writeList('');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name !== 'objects.ndjson');
  const contents = Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  rmSync(folder, { recursive: true });
  return contents;
}

test('no name is one that another file has before it gets its own', () => {
  const paths = ['/.2.part', '/.1.part', '/.2%part', '/.objects.ndjson.part', '/objects.ndjson'];
  expect(exported(paths)).toEqual({
    '.2.part': '/.2.part',
    '.1.part': '/.1.part',
    '.2%25part': '/.2%part',
    '.objects.ndjson.part': '/.objects.ndjson.part',
    'objects.ndjson~2': '/objects.ndjson',
  });
});
