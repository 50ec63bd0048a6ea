/**
 * rpcdump's interpreter against C programs made by Debian's rpcgen: the committed tables of fixtures/rpcgen, and one program made
 * anew where rpcgen is installed. `UPDATE_RPCGEN=1 npx vitest run test/oracle` makes all tables anew.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/xdr/plan.js';
import { decodeTree } from '../../src/xdr/tree.js';
import { type Decoded, noContext } from '../../src/xdr/tree-node.js';
import { expectSection } from '../opinion/correctness.js';
import { leavesText } from './leaves.js';
import {
  formatTable,
  makeRows,
  missingTools,
  type OracleRow,
  parseTable,
  plansOf,
  RefusedByRpcgen,
  randomMessages,
  specificationWithoutHints,
} from './rpcgen.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TABLES = join(ROOT, 'fixtures', 'rpcgen');
const missing = missingTools();
const isUpdate = process.env.UPDATE_RPCGEN !== undefined;

if (isUpdate) updateTables();

/** Of the committed tables; `booleans` and `bounds` are judged otherwise on purpose. */
const counts = { files: 0, messages: 0, booleans: 0, bounds: 0 };

describe('committed tables', () => {
  const names = readdirSync(TABLES).filter((name) => name.endsWith('.tsv'));
  test('are there', () => expect(names.length).toBeGreaterThan(20));
  test.each(names)('%s', (name) => {
    const { source, rows } = parseTable(readFileSync(join(TABLES, name), 'utf8'));
    const file = join(ROOT, source);
    expect(rows.map(textOf), `${source} has changed: UPDATE_RPCGEN=1 makes its table anew`).toEqual(
      randomMessages(specificationWithoutHints(file)).map(textOf),
    );
    compare(file, rows);
    counts.files++;
    counts.messages += rows.length;
  });
  test('are of every file, but those of which fixtures/rpcgen/README.md says why', () => {
    const without = [
      ...readFileSync(join(TABLES, 'README.md'), 'utf8').matchAll(/^\| ((?:fixtures|dissectors)\/.*?) \|/gm),
    ]
      .flatMap(([, files]) => files.split(', '))
      .map((file) => basename(file));
    const sources = names.map((name) => parseTable(readFileSync(join(TABLES, name), 'utf8')).source);
    expect(xFiles().filter((file) => !sources.includes(file) && !without.includes(basename(file)))).toEqual([]);
  });
  test('docs/correctness.md says so', () => {
    const { files, messages, booleans, bounds } = counts;
    const equal = messages - booleans - bounds;
    const head =
      '| files | messages | equal | a boolean over 1 | a length over its bound |\n| ---: | ---: | ---: | ---: | ---: |\n';
    expect(readFileSync(join(TABLES, 'README.md'), 'utf8').replaceAll('\n', ' ')).toContain(
      `Of ${messages.toLocaleString('en')} messages in ${files} tables`,
    );
    expectSection('rpcgen', `\n${head}| ${files} | ${messages} | ${equal} | ${booleans} | ${bounds} |\n\n`);
  });
});

test.skipIf(missing !== null)(`a program made here${missing === null ? '' : ` (${missing})`}`, () => {
  const file = join(ROOT, 'fixtures/x/ok/inventory.x');
  const table = readFileSync(join(TABLES, 'inventory.tsv'), 'utf8');
  expect(formatTable(relative(ROOT, file), makeRows(file))).toBe(table);
  compare(file, makeRows(file, 2));
});

function textOf({ type, message }: Pick<OracleRow, 'type' | 'message'>): string {
  return `${type} ${message.toString('hex')}`;
}

function compare(file: string, rows: OracleRow[]): void {
  const planOf = plansOf(specificationWithoutHints(file));
  const found = rows.map((row) => outcome(planOf(row.type), row));
  expect(found).toEqual(rows.map(({ type, read, text }) => `${type} ${read}: ${text}`));
}

/** What rpcdump makes of a message, in the form of the table; where rpcdump is known to judge otherwise, the table's words. */
function outcome(plan: Plan, { type, message, read, text }: OracleRow): string {
  const end = message.length;
  const decoded = decodeTree(plan, { bytes: message, start: 0, end, limit: end, context: noContext }, type);
  const isKnown = read === null ? isOverBound(decoded) : isOtherTruth(decoded);
  if (isKnown) counts[read === null ? 'bounds' : 'booleans']++;
  if (isKnown) return `${type} ${read}: ${text}`;
  if (decoded.fault !== null) return `${type} null: refused`;
  return `${type} ${decoded.next}: ${isOverBound(decoded) ? 'over its bound: ' : ''}${leavesText(decoded.root!)}`;
}

/** RFC 4506 says FALSE is 0 and TRUE is 1; libtirpc takes any other word for TRUE. */
function isOtherTruth({ fault }: Decoded): boolean {
  return fault?.reason.endsWith('is neither TRUE nor FALSE') ?? false;
}

/** A length over its declared bound is a note for rpcdump, as the bytes are there. */
function isOverBound({ fault, notes }: Decoded): boolean {
  return fault === null && notes.some((note) => note.includes('exceed the bound'));
}

/** Makes the table of every file that rpcgen takes, and prints why it refuses the others (for fixtures/rpcgen/README.md). */
function updateTables(): void {
  if (missing !== null) throw new Error(missing);
  const refused: string[] = [];
  for (const file of xFiles()) {
    try {
      const table = formatTable(file, makeRows(join(ROOT, file)));
      writeFileSync(join(TABLES, `${basename(file, '.x')}.tsv`), table);
    } catch (error) {
      if (!(error instanceof RefusedByRpcgen)) throw error;
      refused.push(`| ${file} | \`${error.message.replaceAll('\n', ' ').slice(0, 160)}\` |`);
    }
  }
  console.log(refused.join('\n'));
}

function xFiles(): string[] {
  return ['fixtures/rpcgen', 'fixtures/x/ok', 'dissectors'].flatMap((folder) => {
    const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.x'))
      .sort()
      .map((name) => join(folder, name));
  });
}
