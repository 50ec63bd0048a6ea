/**
 * A second opinion: rpcdump's records against tables that tshark made of the same captures (make-tables.sh). Where they differ,
 * the difference is one of known-differences.ts, with the reason; one that is not listed, or listed and gone, fails.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ACCEPT_STATS, AUTH_STATS, REJECT_STATS } from '../../src/rpc/message.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { FIXTURES, nameOf, records } from '../helpers/render.js';
import { Tally } from './correctness.js';
import { TSHARK_MESSAGES } from './known-differences.js';

/** A line of a table: column → text, several values joined by a space. */
type Row = Record<string, string>;

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
type AnyRecord = any;

const tableOf = (capture: string) => join(FIXTURES, 'opinion', `${nameOf(capture)}.tsv`);
const captures = fixtureCaptures().filter((capture) => existsSync(tableOf(capture)));
const tally = new Tally(TSHARK_MESSAGES);

describe.each(captures.map((capture) => [nameOf(capture), capture]))('%s', (name, capture) => {
  test('agrees with tshark', async () => {
    const own = byKey((await records(capture)).map(rowOf));
    const theirs = byKey(readTable(capture));
    const found = differences(own, theirs);
    tally.check(name, found);
    for (const [key, row] of own) count(name, row, theirs.get(key));
  });
});

test('tables are there', () => expect(captures.length).toBeGreaterThan(60));

// Whoever has no tshark may add a capture all the same: the name of the test tells who has what to make its table.
test.skip.each(fixtureCaptures().filter((capture) => !captures.includes(capture)))(
  '%s has no table; test/opinion/make-tables.sh makes it',
  () => {},
);

test('docs/correctness.md says so', () => tally.expectDocumented('tshark'));

/** Counts the values of a message that either of both has. */
function count(capture: string, own: Row, theirs: Row | undefined): void {
  if (theirs === undefined) return;
  const columns = columnsOf(theirs).filter((column) => own[column] !== '' || theirs[column] !== '');
  tally.add(capture, columns.length, columns.filter((column) => own[column] === theirs[column]).length);
}

function readTable(capture: string): Row[] {
  const [header, ...lines] = readFileSync(tableOf(capture), 'utf8').split('\n').slice(0, -1);
  const columns = header.split('\t');
  return lines.map((line) => {
    const values = line.split('\t');
    return withoutGuess(Object.fromEntries(columns.map((column, index) => [column, values[index]])));
  });
}

/** tshark takes a reply whose call it has not seen for one of program 0. */
function withoutGuess(row: Row): Row {
  return row.program === '0' ? { ...row, program: '', version: '', procedure: '' } : row;
}

function byKey(rows: Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [`${row.frame} ${row.xid} ${row.type === '0' ? 'call' : 'reply'}`, row]));
}

function differences(own: Map<string, Row>, theirs: Map<string, Row>): string[] {
  const found: string[] = [];
  for (const key of own.keys()) if (!theirs.has(key)) found.push(`${key}: only rpcdump has it`);
  for (const [key, expected] of theirs) {
    const actual = own.get(key);
    if (actual === undefined) found.push(`${key}: only tshark has it`);
    else found.push(...columnDifferences(key, actual, expected));
  }
  return found;
}

/** The tables' columns of bodies speak of single procedures: of compounds only the headers are compared. */
const HEADER = ['frame', 'xid', 'type', 'program', 'version', 'procedure', 'call_frame', 'elapsed', 'outcome', 'uid'];
const COMPOUNDS = /^(100003 4|1073741824 \d+)$/;

function columnsOf(expected: Row): string[] {
  return COMPOUNDS.test(`${expected.program} ${expected.version}`) ? HEADER : Object.keys(expected);
}

function columnDifferences(key: string, actual: Row, expected: Row): string[] {
  return columnsOf(expected)
    .filter((column) => actual[column] !== expected[column])
    .map((column) => `${key}: ${column} ${actual[column]} | ${expected[column]}`);
}

/** A record in the columns of the tables. */
function rowOf(record: AnyRecord): Row {
  const number = (value: unknown) => (value === undefined ? '' : String(value));
  return {
    frame: number(record.frame),
    xid: `0x${record.xid.toString(16).padStart(8, '0')}`,
    type: record.type === 'call' ? '0' : '1',
    program: number(record.program_number),
    version: number(record.version),
    procedure: number(record.procedure_number),
    call_frame: number(record.call_frame),
    elapsed: record.elapsed === undefined ? '' : record.elapsed.toFixed(9),
    outcome: outcomeOf(record),
    uid: number(record.credential?.uid),
    ...bodyOf(record),
  };
}

function outcomeOf(record: AnyRecord): string {
  const stats: [string | undefined, readonly string[]][] = [
    [record.accept_stat, ACCEPT_STATS],
    [record.reject_stat, REJECT_STATS],
    [record.auth_stat, AUTH_STATS],
  ];
  return stats
    .filter(([stat]) => stat !== undefined)
    .map(([stat, names]) => names.indexOf(stat as string))
    .join(' ');
}

const PORTMAP = 100000;
const NFS = 100003;
const MOUNT = 100005;
const RQUOTA = 100011;
const KLM = 100020;
const NLM = 100021;
const NSM = 100024;
const NFSACL = 100227;
const HCLNFSD = 788585389;

/** The keys whose values fill a column, by program; a body that is one number or string is `result`, an argument of its own `arg1`. */
const BODY_KEYS: Record<string, Partial<Record<number, string[]>>> = {
  handles: {
    [NFS]: ['dir', 'file', 'from', 'data', 'arg1'],
    [MOUNT]: ['fhandle', 'directory'],
    [NLM]: ['fh'],
    [KLM]: ['fh'],
    [NFSACL]: ['fh', 'data'],
    [HCLNFSD]: ['spool', 'file'],
  },
  names: {
    [NFS]: ['name', 'symlink_data', 'data', 'to'],
    [NLM]: ['caller_name'],
    [NSM]: ['mon_name', 'my_name'],
  },
  paths: { [MOUNT]: ['arg1', 'ex_dir', 'filesys', 'ml_directory'], [RQUOTA]: ['gqa_pathp'] },
  offsets: { [NFS]: ['offset', 'beginoffset'], [NLM]: ['l_offset'] },
  counts: { [NFS]: ['count', 'dircount', 'maxcount'], [NLM]: ['l_len'] },
  flavors: { [MOUNT]: ['auth_flavors'] },
  mappings: { [PORTMAP]: ['prog', 'vers', 'prot', 'port', 'r_prog', 'r_vers', 'result'] },
  addresses: { [PORTMAP]: ['r_netid', 'r_addr', 'result', 'arg1'] },
};

/** The tables have no status of these. */
const WITHOUT_STATUS = [KLM, NFSACL, HCLNFSD];

/** Of rpcbind v3 and v4 tshark dissects these. */
const RPCBIND_PROCEDURES = ['GETADDR', 'DUMP', 'CALLIT', 'BCAST', 'INDIRECT'];

function isDissected({ program_number, version, procedure }: AnyRecord): boolean {
  return program_number !== PORTMAP || version === 2 || RPCBIND_PROCEDURES.includes(procedure);
}

function bodyOf(record: AnyRecord): Row {
  const program: number = record.program_number;
  const body = isDissected(record) ? (record.args ?? { result: record.result }) : null;
  const known =
    !WITHOUT_STATUS.includes(program) && Object.values(BODY_KEYS).some((keys) => keys[program] !== undefined);
  const row: Row = { status: known && record.status_number !== undefined ? String(record.status_number) : '' };
  for (const [column, keys] of Object.entries(BODY_KEYS)) {
    const values = collect(body, keys[program] ?? []).filter((value) => belongs(value, column));
    row[column] = values.map(column === 'handles' ? hashOf : wordOf).join(' ');
  }
  return row;
}

/** Tells values of one key apart: handles from texts, numbers from texts. */
function belongs(value: unknown, column: string): boolean {
  if (column === 'handles') return typeof value === 'string' && /^([0-9a-f]{2})+$/.test(value);
  const isText = typeof value === 'string' && !/^([0-9a-f]{2}){5,64}$/.test(value);
  if (['names', 'paths', 'addresses'].includes(column)) return isText;
  return typeof value === 'number';
}

/** The values below these keys, in the order of the message. */
function collect(value: unknown, keys: readonly string[]): unknown[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((element) => collect(element, keys));
  return Object.entries(value).flatMap(([key, member]) => {
    if (!keys.includes(key)) return collect(member, keys);
    if (isScalar(member)) return [member];
    return Array.isArray(member) && member.every(isScalar) ? member : collect(member, keys);
  });
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

function hashOf(handle: unknown): string {
  return `0x${crc32(Buffer.from(handle as string, 'hex'))
    .toString(16)
    .padStart(8, '0')}`;
}

function wordOf(value: unknown): string {
  return JSON.stringify(String(value)).slice(1, -1).replaceAll(' ', '\\u0020');
}
