/** docs/architecture.md, checked on the sources' text: who imports whom, which package is used where, and how files open. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  /** A path below src, or a package's name. */
  target: string;
}

interface SourceFile {
  name: string;
  text: string;
  imports: Import[];
}

const files: SourceFile[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort()
  .map((name) => {
    const text = readFileSync(join(SRC, name), 'utf8');
    return { name, text, imports: importsOf(name, text) };
  });

function importsOf(name: string, text: string): Import[] {
  const found: Import[] = [];
  const statement = /^(?:import|export)\s+(?:[^'";]*?\bfrom\s+)?'([^']+)'/gm;
  for (const [, path] of text.matchAll(statement)) {
    found.push({ target: targetOf(name, path) });
  }
  for (const [, path] of text.matchAll(/\bimport\(\s*['"`]([^'"`]+)['"`]\s*\)/g)) {
    found.push({ target: targetOf(name, path) });
  }
  return found;
}

function targetOf(name: string, path: string): string {
  return path.startsWith('.') ? relative(SRC, join(SRC, name, '..', path)) : path;
}

/** The first folder, or the file where it lies in src itself; library/ is the inside of index.ts. */
function partOf(name: string): string {
  const part = name.split('/')[0].replace(/\.[jt]s$/, '');
  return part === 'library' ? 'index' : part;
}

/** What a part may import besides itself, types too. */
const CHAIN = ['capture', 'network', 'rpc', 'dissect', 'filter', 'analysis', 'output', 'index', 'cli'];
const BESIDE = ['limits', 'xdr'];
const MAY_IMPORT: Record<string, string[]> = {
  limits: [],
  xdr: ['limits'],
  terminal: [...BESIDE],
  ...Object.fromEntries(
    CHAIN.map((part, i) => [
      part,
      [...BESIDE, ...CHAIN.slice(0, i), ...(i >= CHAIN.indexOf('output') ? ['terminal'] : [])],
    ]),
  ),
};
// Neither of the two reads the other, and the library writes no output.
MAY_IMPORT.analysis = MAY_IMPORT.analysis.filter((part) => part !== 'filter');
MAY_IMPORT.index = MAY_IMPORT.index.filter((part) => part !== 'output' && part !== 'terminal');

/** Paths, and names of files, that the page has in backticks, but for the `<format>` of its tables. */
function namedFiles(): string[] {
  const page = readFileSync(join(SRC, '../docs/architecture.md'), 'utf8');
  const names = [...page.matchAll(/`([\w./-]+\/|[\w./-]*\w\.(?:ts|js|json|md|sh|tsv|yaml))`/g)].map(([, name]) => name);
  return [...new Set(names)].filter((name) => !MADE_BY_BUILD.includes(name));
}

const MADE_BY_BUILD = ['fields.json', 'wireshark.json', 'dissectors/index.json'];

const PACKAGES: [name: string, allowed: RegExp][] = [
  ['commander', /^cli\//],
  ['chalk', /^terminal\/style\.ts$/],
  ['cli-table3', /^output\//],
  ['pcap-parser', /^$/],
  ['node:fs', /^(capture\/|cli\/|dissect\/library\.ts$)/],
  ['node:fs/promises', /^(capture\/|cli\/|dissect\/library\.ts$)/],
  ['node:net', /^$/],
  ...['http', 'http2', 'https', 'dgram', 'tls'].map((name): [string, RegExp] => [`node:${name}`, /^$/]),
  ['node:worker_threads', /^cli\//],
  ['node:child_process', /^cli\//],
];

test('the sources are found', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(150);
});

test('every part has its place', () => {
  expect([...new Set(files.map((file) => partOf(file.name)))].filter((part) => MAY_IMPORT[part] === undefined)).toEqual(
    [],
  );
});

test('the files that docs/architecture.md names are there', () => {
  const names = namedFiles();
  expect(names.length).toBeGreaterThan(80);
  const isThere = (name: string) =>
    ['.', 'docs', 'src'].some((folder) => existsSync(join(SRC, '..', folder, name))) ||
    files.some((file) => file.name.endsWith(`/${name}`));
  expect(names.filter((name) => !isThere(name))).toEqual([]);
});

test('imports go one way', () => {
  const wrong = files.flatMap((file) => {
    const allowed = [partOf(file.name), ...(MAY_IMPORT[partOf(file.name)] ?? [])];
    return file.imports
      .filter(({ target }) => /\.js$/.test(target) && !allowed.includes(partOf(target)))
      .map(({ target }) => `${file.name} → ${target}`);
  });
  expect(wrong).toEqual([]);
});

test.each(PACKAGES)('%s is used where it belongs', (name, allowed) => {
  const users = files.filter((file) =>
    file.imports.some(({ target }) => target === name || target.startsWith(`${name}/`)),
  );
  expect(users.map((file) => file.name).filter((user) => !allowed.test(user))).toEqual([]);
});

test('packages are named in package.json', () => {
  const { dependencies } = JSON.parse(readFileSync(join(SRC, '../package.json'), 'utf8'));
  const names = files
    .flatMap((file) => file.imports.map(({ target }) => target))
    .filter((target) => !target.endsWith('.js') && target !== '../package.json');
  const unknown = names.filter((name) => !name.startsWith('node:') && dependencies[name] === undefined);
  expect(unknown).toEqual([]);
});

describe('each file', () => {
  test('opens with a paragraph that says what it is', () => {
    const opening = /^(#!.*\n)?\/\*\*([\s\S]*?)\*\//;
    const without = files.filter(({ text }) => (opening.exec(text)?.[2].trim().length ?? 0) < 30);
    expect(without.map((file) => file.name)).toEqual([]);
  });

  test('makes no code from text, but the code generator', () => {
    const makers = files.filter(({ text }) =>
      /\bnew Function\b|\beval\s*\(|\bnode:vm\b/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')),
    );
    expect(makers.map((file) => file.name).filter((name) => !/^xdr\/codegen[^/]*\.ts$/.test(name))).toEqual([]);
  });

  test('has a use for every bound in limits/', () => {
    const limits = files.filter((file) => partOf(file.name) === 'limits');
    const names = limits.flatMap(({ text }) => [...text.matchAll(/^export const (\w+)/gm)].map(([, name]) => name));
    const others = files.filter((file) => !limits.includes(file)).map((file) => file.text);
    expect(names.filter((name) => !others.some((text) => new RegExp(`\\b${name}\\b`).test(text)))).toEqual([]);
  });
});
