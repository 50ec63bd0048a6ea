/** Paths of exported files: none leaves its folder, no two are one. */
import { isAbsolute, normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ObjectPaths } from '../../src/analysis/object-paths.js';

const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const placed = (...names: string[]) => {
  const paths = new ObjectPaths(['by-handle', 'objects.ndjson']);
  return names.map((name) => paths.place(latin1(name)).join('/'));
};

/** What file systems that ignore case and composition of characters compare. */
const folded = (path: string) => path.normalize('NFC').toLowerCase();

/** The folders that a path leads through. */
const foldersOf = (path: string) =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, at, parts) => parts.slice(0, at + 1).join('/'));

describe('a name', () => {
  test.each([
    ['plain', '/export/a.txt', 'export/a.txt'],
    ['beyond ASCII', '/日本/é', '日本/é'],
    ['absolute and doubled', '//etc//passwd', 'etc/passwd'],
    ['parents', '../../etc/passwd', '%2E%2E/%2E%2E/etc/passwd'],
    ['here', './a/./b', 'a/b'],
    ['more dots', '/.../a', '%2E.%2E/a'],
    ['a hidden file', '/.bashrc', '.bashrc'],
    ['nothing', '', '%2F'],
    ['a root', '/', '%2F'],
    ['NUL and controls', 'a\0b\x1b[31m\n', 'a%00b%1B[31m%0A'],
    ['bidi and zero-width', 'a\u202eb\u200bc', 'a%E2%80%AEb%E2%80%8Bc'],
    ['what Windows forbids', 'C:\\x*?"<>|', 'C%3A%5Cx%2A%3F%22%3C%3E%7C'],
    ['a device', '/con/nul.txt', '%63on/%6Eul.txt'],
    ['other devices', '/COM¹/lpt³.x/CON .txt/conin$', '%43OM¹/%6Cpt³.x/%43ON .txt/%63onin$'],
    ['no devices', '/console/com/com10/nul1.txt', 'console/com/com10/nul1.txt'],
    ['an ending that is dropped', 'a. /b.', 'a.%20/b%2E'],
    ['a percent sign', '%2E%2E', '%252E%252E'],
    ['the list', '/objects.ndjson', 'objects.ndjson~2'],
    ['the folder of handles', '/by-handle/12345678', 'by-handle~2/12345678'],
  ])('%s', (_, name, path) => {
    expect(placed(name)).toEqual([path]);
  });

  test('that is no UTF-8', () => {
    expect(new ObjectPaths().place('a\xe9%\x01')).toEqual(['a%E9%25%01']);
  });

  test('of 64 KiB', () => {
    const [a, b] = placed(`/${'x'.repeat(65536)}`, `/${'x'.repeat(65535)}y`);
    expect([a.length, b.length]).toEqual([240, 240]);
    expect(a).not.toBe(b);
    const [deep] = placed('/abcdefg'.repeat(8192));
    expect(deep.length).toBeLessThan(3073);
  });

  test('that another has, that differs in case only, that is a folder elsewhere', () => {
    expect(placed('/a', '/a', '/A', '/a')).toEqual(['a', 'a~2', 'A~3', 'a~4']);
    expect(placed('/a', '/a/b', '/a/c', '/a/b')).toEqual(['a', 'a~2/b', 'a~2/c', 'a~2/b~2']);
    expect(placed('/d/x', '/d')).toEqual(['d/x', 'd~2']);
    expect(placed('/A/x', '/a/y', '/a/X')).toEqual(['A/x', 'A/y', 'A/X~2']);
    expect(placed('/a', '/A/x', '/a/y')).toEqual(['a', 'A~2/x', 'A~2/y']);
    expect(placed('/é/x', '/e\u0301/y')).toEqual(['é/x', 'é/y']);
    expect(placed('/é', '/e\u0301')).toEqual(['é', 'e\u0301~2']);
  });

  test('twenty thousand times', () => {
    const paths = new ObjectPaths();
    const all = Array.from({ length: 20_000 }, () => paths.place('/same/name').join('/'));
    expect(new Set(all).size).toBe(all.length);
  });

  test('whatever it is, stays in the folder and is its own', () => {
    const latin = fc.nat(255).map((code) => String.fromCharCode(code));
    const parts = fc.constantFrom(
      'a',
      'A',
      'b',
      '/',
      '/',
      '.',
      '..',
      '~',
      '2',
      '%',
      ' ',
      'con',
      ...['é', 'e\u0301'].map(latin1),
    );
    const name = fc.string({ unit: fc.oneof({ weight: 9, arbitrary: parts }, latin), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(name, { maxLength: 12 }), (names) => {
        const paths = new ObjectPaths();
        const found = names.map((each) => paths.place(each).join('/'));
        for (const path of found) {
          expect(isAbsolute(path) || path.includes('\0')).toBe(false);
          expect(normalize(path)).toBe(path);
          expect(path.split('/')).not.toContain('..');
        }
        expect(new Set(found.map(folded)).size).toBe(found.length);
        const folders = [...new Set(found.flatMap(foldersOf))];
        expect(new Set(folders.map(folded)).size).toBe(folders.length);
        expect(found.filter((path) => found.some((other) => other.startsWith(`${path}/`)))).toEqual([]);
      }),
    );
  });
});
