/** The names engine against a model of a file system: what a client and a server do, and what paths are then right. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { File } from '../../../src/dissect/names/file.js';
import { FileNames } from '../../../src/dissect/names/file-names.js';
import { ByteWriter } from '../../../src/xdr/byte-writer.js';

const SERVER = 1;

/** Files are numbers, 0 is the root; a directory has entries. */
class Model {
  readonly directories = new Map<number, Map<string, number>>([[0, new Map()]]);
  private files = 1;

  create(dir: number, name: string, isDirectory: boolean): number {
    const file = this.files++;
    this.directories.get(dir)!.set(name, file);
    if (isDirectory) this.directories.set(file, new Map());
    return file;
  }

  /** Every path of a file. */
  paths(file: number): string[] {
    if (file === 0) return ['/export'];
    return [...this.directories].flatMap(([dir, entries]) =>
      [...entries]
        .filter(([, child]) => child === file)
        .flatMap(([name]) => this.paths(dir).map((path) => `${path}/${name}`)),
    );
  }

  isBelow(file: number, dir: number): boolean {
    if (file === dir) return true;
    return [...(this.directories.get(dir)?.values() ?? [])].some((child) => this.isBelow(file, child));
  }
}

function handle(file: number): Uint8Array {
  return Buffer.from(`handle of file ${file}`);
}

function fileOf(names: FileNames, file: number): File {
  names.begin();
  return names.fileOf(SERVER, handle(file), 0, handle(file).length);
}

function pathOf(names: FileNames, file: File): string | null {
  const out = new ByteWriter(64);
  return names.paths.write(out, file) ? out.toString() : null;
}

function mounted(): FileNames {
  const names = new FileNames();
  names.setRoot(fileOf(names, 0), '/export');
  return names;
}

const name = fc.constantFrom('a', 'b', 'c', 'd', 'abcd', 'abcde');
const pick = fc.nat(1000);
const operation = fc.oneof(
  fc.record({ kind: fc.constantFrom('create', 'mkdir', 'lookup', 'remove') as fc.Arbitrary<string>, pick, name }),
  fc.record({ kind: fc.constantFrom('link', 'rename') as fc.Arbitrary<string>, pick, name, to: pick, toName: name }),
  fc.record({ kind: fc.constant('readdirplus'), pick, name }),
);
type Operation = { kind: string; pick: number; name: string; to?: number; toName?: string };

/** Does one thing in the model, and tells the names what a reply would say; what a server refuses is not done. */
function step(model: Model, names: FileNames, { kind, pick: at, name: own, to = 0, toName = 'a' }: Operation): void {
  const directories = [...model.directories.keys()];
  const dir = directories[at % directories.length];
  const toDir = directories[to % directories.length];
  const entries = model.directories.get(dir)!;
  const found = entries.get(own);
  const isDirectory = found !== undefined && model.directories.has(found);
  const file = fileOf(names, dir);
  if (kind === 'readdirplus') {
    for (const [entry, child] of entries) names.link(file, entry, fileOf(names, child));
  } else if (kind === 'create' || kind === 'mkdir') {
    if (found === undefined) names.link(file, own, fileOf(names, model.create(dir, own, kind === 'mkdir')));
  } else if (found === undefined) return;
  else if (kind === 'lookup') names.link(file, own, fileOf(names, found));
  else if (kind === 'remove') {
    if (isDirectory && model.directories.get(found)!.size > 0) return;
    entries.delete(own);
    model.directories.delete(found);
    names.unlink(file, own);
  } else {
    const target = model.directories.get(toDir)!.get(toName);
    if (kind === 'link') {
      if (isDirectory || target !== undefined) return;
      model.directories.get(toDir)!.set(toName, found);
      names.link(fileOf(names, toDir), toName, fileOf(names, found));
      return;
    }
    if (isDirectory && model.isBelow(toDir, found)) return;
    if (target !== undefined && (isDirectory || model.directories.has(target))) return;
    if (target !== found) {
      entries.delete(own);
      model.directories.get(toDir)!.set(toName, found);
    }
    names.rename(file, own, fileOf(names, toDir), toName);
  }
}

describe('any operations of one client that sees all', () => {
  test('leave each file with one of its paths, or none when it has none', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const model = new Model();
        const names = mounted();
        const seen = new Set<number>();
        for (const each of operations) {
          step(model, names, each);
          for (const entries of model.directories.values()) for (const file of entries.values()) seen.add(file);
          for (const file of seen) {
            const path = pathOf(names, fileOf(names, file));
            const paths = model.paths(file);
            if (paths.length === 0) expect(path).toBeNull();
            else expect(paths).toContain(path);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is known in part', () => {
  test('an unknown directory shows its hash', () => {
    const names = new FileNames();
    names.link(fileOf(names, 1), 'b.txt', fileOf(names, 2));
    expect(pathOf(names, fileOf(names, 2))).toMatch(/^0x[0-9a-f]{8}\/b\.txt$/);
    names.setRoot(fileOf(names, 1), '/export');
    expect(pathOf(names, fileOf(names, 2))).toBe('/export/b.txt');
  });

  test('a directory that is its own parent has a path of bounded length', () => {
    const names = new FileNames();
    names.link(fileOf(names, 1), 'x', fileOf(names, 2));
    names.link(fileOf(names, 2), 'y', fileOf(names, 1));
    expect(pathOf(names, fileOf(names, 2))!.length).toBeLessThan(1100);
  });

  /** The path of a file at the end of a chain of directories. */
  function deepest(chain: readonly string[], isShown: boolean): string {
    const names = mounted();
    chain.forEach((name, depth) => {
      names.link(fileOf(names, depth), name, fileOf(names, depth + 1));
      if (isShown) pathOf(names, fileOf(names, depth + 1));
    });
    return pathOf(names, fileOf(names, chain.length))!;
  }

  const HASH = '0x[0-9a-f]{8}';
  const LONG = 'n'.repeat(1000);
  const chains: [what: string, chain: string[], path: RegExp][] = [
    ['of 200 bytes', Array(20).fill('directory'), /^\/export(\/directory){20}$/],
    ['of 2000 bytes', Array(200).fill('directory'), /^\/export(\/directory){200}$/],
    ['of 4096 bytes', [...Array(4).fill(LONG), 'n'.repeat(84)], /^\/export(\/n{1000}){4}\/n{84}$/],
    ['of more', [...Array(4).fill(LONG), 'n'.repeat(85)], new RegExp(`^${HASH}(/n{1000}){4}/n{85}$`)],
    ['of twice as much', Array(8).fill(LONG), new RegExp(`^${HASH}(/n{1000}){4}$`)],
    ['of 256 names', Array(255).fill('d'), /^\/export(\/d){255}$/],
    ['of more names', Array(256).fill('d'), new RegExp(`^${HASH}(/d){256}$`)],
  ];
  test.each(chains)('a path %s, whichever directories were shown before', (_, chain, path) => {
    expect(deepest(chain, false)).toMatch(path);
    expect(deepest(chain, true)).toMatch(path);
  });

  test('. and .. are no names', () => {
    const names = mounted();
    names.link(fileOf(names, 0), '.', fileOf(names, 1));
    names.link(fileOf(names, 0), '..', fileOf(names, 2));
    expect([pathOf(names, fileOf(names, 1)), pathOf(names, fileOf(names, 2))]).toEqual([null, null]);
  });

  test('a file that was only named has its handle later', () => {
    const names = mounted();
    const child = names.childOf(fileOf(names, 0), 'a')!;
    names.begin();
    expect(names.adopt(SERVER, handle(1), 0, handle(1).length, child)).toBe(child);
    expect(pathOf(names, fileOf(names, 1))).toBe('/export/a');
  });

  test('other servers have other files', () => {
    const names = mounted();
    names.begin();
    expect(names.find(2, handle(0), 0, handle(0).length)).toBeNull();
  });
});

describe('an identity (fsid, fileid)', () => {
  const bytes = Buffer.from('fsid0001fileid42');
  const identity = { bytes, fsid: 0, fileid: 8, size: 8 };

  test('names a handle that a listing without handles named before', () => {
    const names = mounted();
    names.linkIdentity(SERVER, identity, fileOf(names, 0), 'listed');
    names.identify(SERVER, identity, fileOf(names, 5));
    expect(pathOf(names, fileOf(names, 5))).toBe('/export/listed');
  });

  test('names a handle whose attributes were seen before the listing', () => {
    const names = mounted();
    names.identify(SERVER, identity, fileOf(names, 5));
    names.linkIdentity(SERVER, identity, fileOf(names, 0), 'listed');
    expect(pathOf(names, fileOf(names, 5))).toBe('/export/listed');
  });

  test('a listing keeps the file that a name was looked up for', () => {
    const names = mounted();
    names.link(fileOf(names, 0), 'listed', fileOf(names, 5));
    names.linkIdentity(SERVER, identity, fileOf(names, 0), 'listed');
    expect(pathOf(names, fileOf(names, 5))).toBe('/export/listed');
  });
});

describe('bounds', () => {
  test('what is used stays, what is not is forgotten and counted', () => {
    const names = new FileNames(256, 256);
    names.setRoot(fileOf(names, 0), '/export');
    for (let file = 1; file <= 2000; file++) {
      names.link(fileOf(names, 0), `file ${file}`, fileOf(names, file));
      expect(pathOf(names, fileOf(names, file))).toBe(`/export/file ${file}`);
    }
    expect(names.evicted).toBeGreaterThan(2 * (2000 - 256));
    expect(pathOf(names, fileOf(names, 1))).toBeNull();
  });

  test('a name of a megabyte is not kept', () => {
    const names = mounted();
    names.link(fileOf(names, 0), 'x'.repeat(1 << 20), fileOf(names, 1));
    expect(pathOf(names, fileOf(names, 1))).toBeNull();
  });
});

test('a name that a file had before it was moved names nothing', () => {
  const names = mounted();
  names.link(fileOf(names, 0), 'a', fileOf(names, 1));
  names.rename(fileOf(names, 0), 'a', fileOf(names, 0), 'b');
  expect(pathOf(names, fileOf(names, 1))).toBe('/export/b');
  names.unlink(fileOf(names, 0), 'b');
  expect(pathOf(names, fileOf(names, 1))).toBeNull();
});

test('of two files that had one name in turn the first has it no longer, whoever took it away', () => {
  const names = mounted();
  for (const file of [1, 2]) names.link(fileOf(names, 0), 'a', fileOf(names, file));
  expect([1, 2].map((file) => pathOf(names, fileOf(names, file)))).toEqual([null, '/export/a']);
});
