/**
 * Every procedure that Wireshark 4.0.17 has a name for decodes here, arguments and results, or the reason why not stands below. The table is
 * fixtures/programs/wireshark.tsv; `UPDATE_PROGRAMS=1 npx vitest run test/opinion/programs.test.ts` asks tshark for it again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DISSECTORS, DissectorLibrary } from '../../src/dissect/library.js';
import { parseRegistry } from '../../src/dissect/registry.js';
import type { Plan } from '../../src/xdr/plan.js';
import { FIXTURES } from '../helpers/render.js';
import { askWireshark, formatProcedures, parseProcedures, type WiresharkProcedure } from './wireshark-programs.js';

const TABLE = join(FIXTURES, 'programs/wireshark.tsv');
const library = new DissectorLibrary();

if (process.env.UPDATE_PROGRAMS !== undefined) {
  const registered = parseRegistry(readFileSync(join(DISSECTORS, 'programs.tsv'), 'utf8')).keys();
  const own = library.list().map(({ programNumber }) => programNumber);
  writeFileSync(TABLE, formatProcedures(askWireshark([...registered, ...own])));
}

const procedures = parseProcedures(readFileSync(TABLE, 'utf8'));

interface Exception {
  program: number;
  version: number;
  procedures: number[];
  reason: string;
}

/** Wireshark has a name, and there is no such procedure. */
const NOT_THERE: Exception[] = [
  {
    program: 100004,
    version: 1,
    procedures: [10, 11],
    reason: "Wireshark names version 1 of YP by version 2's procedures",
  },
  { program: 395183, version: 1, procedures: [0], reason: 'VXI-11 defines no NULL; procedure 0 is NULL all the same' },
  { program: 395184, version: 1, procedures: [0], reason: 'VXI-11 defines no NULL; procedure 0 is NULL all the same' },
  { program: 395185, version: 1, procedures: [0], reason: 'VXI-11 defines no NULL; procedure 0 is NULL all the same' },
  { program: 1298437, version: 310, procedures: [43], reason: "Wireshark's numbers are one too high from RELEASE on" },
  { program: 1298437, version: 400, procedures: [49], reason: "Wireshark's numbers are one too high from RELEASE on" },
];

/** Arguments, results or both were never published, and Wireshark does not know them either. */
const NEVER_PUBLISHED: Exception[] = [
  {
    program: 788585389,
    version: 1,
    procedures: [1, 2, 23, 30, 32, 105],
    reason: 'HCLNFSD: answers of printing and REMOVE, calls of GET_PRINTERS, CANCEL_PRJOB and ZAP_LOCKS',
  },
  {
    program: 541065268,
    version: 1,
    procedures: [3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 20, 21],
    reason: 'TekLink: calls or answers that Wireshark has no fields of',
  },
  { program: 34123456, version: 1, procedures: [3], reason: 'GlusterFS never used SIGNUP' },
];

function isListed(list: Exception[], { program, version, procedure }: WiresharkProcedure): boolean {
  return list.some(
    (each) => each.program === program && each.version === version && each.procedures.includes(procedure),
  );
}

describe.each([...new Set(procedures.map(({ program }) => program))])('program %i', (program) => {
  const own = procedures.filter((each) => each.program === program);

  test('has every procedure, decoded, or the reason why not', () => {
    const found = own.map((each) => [keyOf(each), outcomeOf(each)]);
    const expected = own.map((each) => [keyOf(each), expectedOf(each)]);
    expect(found).toEqual(expected);
  });
});

test('the table has what Wireshark 4.0.17 has', () => {
  expect(new Set(procedures.map(({ program }) => program)).size).toBe(42);
  expect(new Set(procedures.map(({ program, version }) => `${program}.${version}`)).size).toBe(70);
  expect(procedures.length).toBe(721);
});

function keyOf({ program, version, procedure, name }: WiresharkProcedure): string {
  return `${program} v${version} ${procedure} ${name}`;
}

function expectedOf(procedure: WiresharkProcedure): string {
  if (isListed(NOT_THERE, procedure)) return 'not there';
  return isListed(NEVER_PUBLISHED, procedure) ? 'not published' : 'decoded';
}

function outcomeOf({ program, version, procedure }: WiresharkProcedure): string {
  const plan = library.find(program, version);
  const found = typeof plan === 'string' ? undefined : plan.procedures.get(procedure);
  if (found === undefined) return 'not there';
  return isKnown(found.arguments) && isKnown(found.result) ? 'decoded' : 'not published';
}

/** False for bytes of which nothing is said. */
function isKnown(plan: Plan): boolean {
  if (plan.kind === 'struct') return plan.fields.every((field) => field.plan.kind !== 'rest');
  return plan.kind !== 'rest' && plan.kind !== 'opaque';
}
