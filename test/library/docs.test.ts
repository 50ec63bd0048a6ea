/** The examples of docs/library.md run, and print what it says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import * as library from '../../src/index.js';
import { FIXTURES } from '../helpers/render.js';

const DOCS = fileURLToPath(new URL('../../docs/library.md', import.meta.url));
const text = readFileSync(DOCS, 'utf8');
const examples = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

/** The captures that the examples name. */
const CAPTURES: [string, string][] = [
  ['allprocs.pcap', 'captures/nfs2/allprocs.pcap'],
  ['dropped.pcap', 'captures/nfs3/dropped-packets.pcap'],
  ['errors.pcap', 'captures/rpc/errors-auth.pcap'],
  ['writes.pcap', 'captures/nfs3/vlan-dot1q.pcap'],
];

/** Runs an example against the sources, with its capture found among the fixtures; gives what it prints. */
async function run(example: string): Promise<string[]> {
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...words) => void printed.push(words.join(' ')));
  const error = vi.spyOn(console, 'error').mockImplementation((...words) => void printed.push(words.join(' ')));
  let code = example.replace(/^import (\{.*\}) from 'rpcdump';$/m, 'const $1 = rpcdump;');
  for (const [name, path] of CAPTURES) code = code.replace(`'${name}'`, JSON.stringify(join(FIXTURES, path)));
  try {
    await new AsyncFunction('rpcdump', code)(library);
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
  return printed;
}

/** The lines that stand behind an example. */
function printedBy(index: number): string[] {
  const rest = text.slice(text.indexOf(examples[index]));
  return /It prints\n\n```\n([\s\S]*?)\n```/.exec(rest)![1].split('\n');
}

test('records', async () => {
  expect(examples[0]).toContain("import { open } from 'rpcdump'");
  expect(await run(examples[0])).toEqual([expect.stringMatching(/^\d+ slow replies$/)]);
});

test('the account', async () => {
  expect(await run(examples[1])).toEqual(printedBy(1));
});

test('exchanges', async () => {
  expect(await run(examples[2])).toEqual(printedBy(2));
});

test('views', async () => {
  expect(await run(examples[3])).toEqual([expect.stringMatching(/^[1-9]\d* files written, [1-9]\d* frames read$/)]);
});

test('decoders', async () => {
  expect(await run(examples[4])).toEqual(printedBy(4));
});

test('the table of values is that of the type', () => {
  const source = readFileSync(fileURLToPath(new URL('../../src/xdr/value.ts', import.meta.url)), 'utf8');
  const kinds = (table: string) =>
    [...table.matchAll(/^[ *]*\| ([a-z ,]+) \|/gm)].flatMap(([, names]) => names.split(', ')).sort();
  expect(kinds(text.slice(text.indexOf('## Values')))).toEqual(kinds(source));
  expect(kinds(source).length).toBeGreaterThan(8);
});
