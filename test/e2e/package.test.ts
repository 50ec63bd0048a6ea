/**
 * The package as people install it: `npm pack`, `npm install` of the tarball in an empty folder, and there the README's first example, the
 * library's, and the types under both ways that TypeScript resolves them.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { ownFolder } from '../helpers/with-folder.js';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const CAPTURE = join(ROOT, 'fixtures/captures/nfs3/allprocs-middle.pcap');
/** What the tarball may hold, beside what npm always packs. */
const PACKED =
  /^(dist\/|docs\/|dissectors\/(README\.md|template\/)|schemas\/|record\.schema\.json$|CHANGELOG\.md$|LICENSE$|README\.md$|package\.json$)/;

const folder = ownFolder();
let files: string[];

const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: folder, encoding: 'utf8' });

beforeAll(() => {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [{ filename, files: entries }] = JSON.parse(packed.slice(packed.indexOf('[\n')));
  files = entries.map(({ path }: { path: string }) => path);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', `./${filename}`);
}, 120_000);

test('it holds what is needed, and nothing else', () => {
  expect(files.filter((file) => !PACKED.test(file) || file.endsWith('.map'))).toEqual([]);
  for (const needed of [
    'dist/src/cli/main.cjs',
    'dist/src/index.d.ts',
    'record.schema.json',
    'dist/dissectors/nfs3/nfs3.x',
    'dissectors/README.md',
    'docs/check.md',
  ]) {
    expect(files).toContain(needed);
  }
});

test("the README's first example", () => {
  const [, command, output] = /```console\n\$ (.*)\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))!;
  const [, , ...args] = command.split(' ');
  expect(run('npx', 'rpcdump', ...args.map((arg) => (arg.endsWith('.pcap') ? join(ROOT, arg) : arg)))).toBe(output);
});

test('the first example of docs/library.md', () => {
  const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/library.md'), 'utf8'))!;
  copyFileSync(CAPTURE, join(folder, 'allprocs.pcap'));
  writeFileSync(join(folder, 'example.js'), code);
  expect(run(process.execPath, 'example.js')).toMatch(/^\d+ slow replies\n$/);
});

test('without code from text the interpreter serves', () => {
  const main = join(folder, 'node_modules/rpcdump/dist/src/cli/main.cjs');
  const json = (...options: string[]) => run(process.execPath, ...options, main, '--json', CAPTURE);
  expect(json('--disallow-code-generation-from-strings')).toBe(json());
});

test.each([
  ['node16', 'node16'],
  ['bundler', 'esnext'],
])('types resolve under %s', (resolution, module) => {
  const code = `
    import { open, type RpcRecord, type XdrObject, type XdrValue } from 'rpcdump';
    export const first = open('a') satisfies AsyncIterable<RpcRecord>;
    export function objectOf(value: XdrValue): XdrObject | null {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
      return value instanceof Uint8Array ? null : value;
    }
  `;
  writeFileSync(join(folder, 'typed.ts'), code);
  const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--types', 'node'];
  const typeRoots = ['--typeRoots', join(ROOT, 'node_modules/@types')];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  run(
    process.execPath,
    tsc,
    ...options,
    ...typeRoots,
    '--module',
    module,
    '--moduleResolution',
    resolution,
    'typed.ts',
  );
});
