/**
 * What rpcdump prints of every fixture capture, against files in fixtures/golden. `npm run test:update` writes them; their diff is
 * to be read. Long captures have their first messages only, trees the fewest.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { FIXTURES, FORMATS, type Format, library, nameOf, render } from '../helpers/render.js';

const GOLDEN = join(FIXTURES, 'golden');
const UPDATE = process.env.UPDATE_GOLDENS === '1';

/** Messages in a golden. */
const LIMITS: Record<Format, number> = { list: Number.POSITIVE_INFINITY, tree: 20, ndjson: 60 };

const captures = fixtureCaptures();

function goldenOf(capture: string, format: Format): string {
  return join(GOLDEN, `${nameOf(capture)}.${format}`);
}

describe.each(captures.map((capture) => [nameOf(capture), capture]))('%s', (_, capture) => {
  test.each(FORMATS)('%s', async (format) => {
    const actual = await render(capture, format, { count: LIMITS[format] });
    const golden = goldenOf(capture, format);
    if (UPDATE) {
      mkdirSync(dirname(golden), { recursive: true });
      writeFileSync(golden, actual);
    }
    expect(actual).toBe(readFileSync(golden, 'utf8'));
  });
});

test('every capture has its origin in the README', () => {
  const origins = readFileSync(join(FIXTURES, 'captures', 'README.md'), 'utf8');
  const isNamed = (path: string) => origins.includes(`| ${path} |`) || origins.includes(`| */${basename(path)} |`);
  const paths = captures.map((capture) => relative(join(FIXTURES, 'captures'), capture));
  expect(paths.filter((path) => !isNamed(path))).toEqual([]);
});

test('every dissector has a capture', () => {
  const lists = captures.map((capture) => readFileSync(goldenOf(capture, 'list'), 'utf8')).join('');
  const shown = new Set<string>();
  const all = new Set<string>();
  for (const { program, version, file } of library.list()) {
    all.add(basename(file));
    if (lists.includes(` ${program} v${version} `)) shown.add(basename(file));
  }
  expect([...all].filter((file) => !shown.has(file))).toEqual([]);
});

test('every golden has its capture', () => {
  const expected = new Set(captures.flatMap((capture) => FORMATS.map((format) => goldenOf(capture, format))));
  const stale = goldens().filter((golden) => !expected.has(golden));
  if (UPDATE) for (const golden of stale) rmSync(golden);
  expect(UPDATE ? [] : stale).toEqual([]);
});

function goldens(): string[] {
  if (!existsSync(GOLDEN)) return [];
  return readdirSync(GOLDEN, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
