/**
 * A second opinion on NFSv4, field by field: operations, statuses, handles, stateids, names, offsets, sizes and more of every
 * compound and callback against tables that tshark made of the same captures (make-tables.sh). A difference that is not listed
 * in known-differences.ts with its reason, or listed and gone, fails.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DISSECTORS, readSpecification } from '../../src/dissect/library.js';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import { crc16 } from '../../src/xdr/crc16.js';
import { FIXTURES, render } from '../helpers/render.js';
import { Tally } from './correctness.js';
import { TSHARK_COMPOUNDS } from './known-differences.js';

const tally = new Tally(TSHARK_COMPOUNDS);
const TABLES = join(FIXTURES, 'opinion/nfs4');

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
type Json = any;
type Row = Record<string, string>;

const builder = new PlanBuilder(readSpecification(join(DISSECTORS, 'nfs4/nfs4.x')));

/** Numbers of an enum's members by name. */
function numbersOf(name: string): Map<string, number> {
  const plan = builder.typePlan(name);
  return new Map(plan?.kind === 'enum' ? [...plan.names].map(([number, member]) => [member, number]) : []);
}

const STATUSES = numbersOf('nfsstat4');
const OPERATIONS = numbersOf('nfs_opnum4');
const CALLBACKS = numbersOf('nfs_cb_opnum4');

/** Keys of values that are structs. */
const STATEIDS = /stateid$/;

/** How each column is found below a body: the keys that hold its values, and how a value is written there. */
const COLUMNS: Record<string, { keys: RegExp; write?: (value: Json) => string }> = {
  operations: { keys: /^(argop|resop)$/, write: (name) => String(OPERATIONS.get(name) ?? CALLBACKS.get(name) ?? name) },
  statuses: { keys: /(^|_)status$|^rdattr_error$/, write: (name) => String(STATUSES.get(name) ?? name) },
  handles: {
    keys: /^(object|fh|filehandle|clora_fh|lor_fh|cnla_fh|coa_fh)$/,
    write: (hex) => hex32(crc32(Buffer.from(hex, 'hex'))),
  },
  stateids: { keys: STATEIDS, write: (stateid) => hex16(stateidBytes(stateid)) },
  others: { keys: STATEIDS, write: ({ other }) => hex32(crc32(Buffer.from(other, 'hex'))) },
  names: { keys: /^(objname|name|file|oldname|newname|target)$/, write: wordOf },
  offsets: { keys: /(^|_)offset$/ },
  // What CLONE and COPY count is a length4, too.
  lengths: { keys: /^(?!data_)(\w+_)?length$|^(cl|ca|wr)_count$/ },
  counts: { keys: /^count$/ },
  sizes: { keys: /^size$/ },
  fileids: { keys: /^fileid$/ },
  changes: { keys: /^(change|before|after)$/ },
  seconds: { keys: /^seconds$/ },
  groups: { keys: /^owner_group$/, write: wordOf },
  sessions: { keys: /sessionid$/, write: (hex) => hex.replace(/..(?=.)/g, '$&:') },
  flags: { keys: /^sr_status_flags$/, write: (value) => hex32(value) },
  clients: {
    keys: /^(csa_|eir_|dca_|rca_)?clientid$/,
    write: (value) => `0x${BigInt(value).toString(16).padStart(16, '0')}`,
  },
};

/** A union of a stateid or none has a name like one. */
function isStateid(value: Json): boolean {
  return typeof value?.other === 'string';
}

function stateidBytes({ seqid, other }: { seqid: number; other: string }): Buffer {
  const sequence = Buffer.alloc(4);
  sequence.writeUInt32BE(seqid);
  return Buffer.concat([sequence, Buffer.from(other, 'hex')]);
}

function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

function hex16(bytes: Buffer): string {
  return `0x${crc16(bytes, 0, bytes.length).toString(16).padStart(4, '0')}`;
}

function wordOf(value: unknown): string {
  return JSON.stringify(String(value)).slice(1, -1).replaceAll(' ', '\\u0020');
}

/** The values below keys, in the order of the message. */
function collect(value: Json, keys: RegExp): Json[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) {
    return value.flatMap((element) => (keys === STATEIDS && isStateid(element) ? [element] : collect(element, keys)));
  }
  return Object.entries(value).flatMap(([key, member]) => {
    const isValue =
      keys.test(key) && member !== null && (keys === STATEIDS ? isStateid(member) : typeof member !== 'object');
    return isValue ? [member] : collect(member, keys);
  });
}

/** Records whose numbers beyond 2^53 are texts: JSON.parse would round them. */
async function exactRecords(capture: string): Promise<Json[]> {
  const text = await render(capture, 'ndjson');
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line.replaceAll(/:(\d{16,})/g, ':"$1"')));
}

function rowOf(record: Json): Row {
  const row: Row = {};
  for (const [column, { keys, write = String }] of Object.entries(COLUMNS)) {
    row[column] = collect(record.args ?? record.result, keys)
      .map(write)
      .join(' ');
  }
  return row;
}

function readTable(name: string): Map<string, Row> {
  const [header, ...lines] = readFileSync(join(TABLES, `${name}.compounds`), 'utf8')
    .trimEnd()
    .split('\n');
  const columns = header.split('\t');
  return new Map(
    lines.map((line) => {
      const values = line.split('\t');
      const { frame, xid, type, ...row } = Object.fromEntries(columns.map((column, i) => [column, values[i] ?? '']));
      return [`${frame} ${Number(xid)} ${type === '0' ? 'call' : 'reply'}`, row];
    }),
  );
}

const names = readdirSync(TABLES)
  .filter((file) => file.endsWith('.compounds'))
  .map((file) => file.replace(/\.compounds$/, ''));

describe.each(names)('%s', (name) => {
  test('agrees with tshark field by field', async () => {
    const theirs = readTable(name);
    const found: string[] = [];
    let compared = 0;
    for (const record of await exactRecords(join(FIXTURES, `captures/nfs4/${name}.pcap`))) {
      const expected = theirs.get(`${record.frame} ${record.xid} ${record.type}`);
      if (expected === undefined || record.undecoded) continue;
      const actual = rowOf(record);
      const columns = Object.keys(COLUMNS).filter((column) => actual[column] !== '' || expected[column] !== '');
      const equal = columns.filter((column) => actual[column] === expected[column]).length;
      tally.add(`nfs4/${name}`, columns.length, equal);
      compared += equal;
      for (const column of columns) {
        if (actual[column] !== expected[column]) {
          found.push(
            `${record.frame} ${record.operation} ${record.type}: ${column} ${actual[column]} | ${expected[column]}`,
          );
        }
      }
    }
    tally.check(`nfs4/${name}`, found);
    expect(compared).toBeGreaterThan(15);
  });
});

test('docs/correctness.md says so', () => tally.expectDocumented('compounds'));
