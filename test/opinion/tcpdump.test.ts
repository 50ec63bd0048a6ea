/**
 * A third opinion: the NFS messages that tcpdump prints, by xid, kind, length and procedure, against tables that it made of the same captures
 * (make-tables.sh). It shows one message a segment at most, so it says nothing of what else there is; its procedures of NFSv4 are
 * names of NFSv3 that it guesses, and are left out.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { FIXTURES, nameOf, records } from '../helpers/render.js';
import { Tally } from './correctness.js';
import { TCPDUMP } from './known-differences.js';

const tally = new Tally(TCPDUMP);
const NFS = 100003;

const tableOf = (name: string) => join(FIXTURES, 'opinion', `${name}.tcpdump`);
const captures = fixtureCaptures().filter((capture) => existsSync(tableOf(nameOf(capture))));

test('tables are there', () => expect(captures.length).toBeGreaterThan(10));

describe.each(captures.map((capture) => [nameOf(capture), capture]))('%s', (name, capture) => {
  test('agrees with tcpdump', async () => {
    const own = await records(capture);
    const found: string[] = [];
    for (const line of readFileSync(tableOf(name), 'utf8').trimEnd().split('\n').slice(1)) {
      const [frame, xid, type, length, procedure] = line.split('\t');
      const candidates = own.filter((record) => String(record.xid) === xid && record.type === type);
      // Where it was sent more than once, the one that the frame is a part of.
      const record =
        candidates.find(
          ({ frame: last, frames }) => (frames?.first ?? last) <= Number(frame) && Number(frame) <= last,
        ) ?? candidates[0];
      const says = `${frame} ${xid} ${type}`;
      if (record === undefined) {
        found.push(`${says}: only tcpdump has it`);
        continue;
      }
      const theirs: Record<string, string> = {};
      const mine: Record<string, string> = {};
      // Of a message over several frames it has the length of what is in the first.
      if (record.frames === undefined) {
        theirs.length = length;
        mine.length = String(record.length);
      }
      if (record.program_number === NFS && record.version < 4 && procedure !== '') {
        theirs.procedure = procedure;
        mine.procedure = record.procedure.toLowerCase();
      }
      const different = Object.keys(theirs).filter((column) => mine[column] !== theirs[column]);
      // The xid and the kind are compared by finding it.
      tally.add(name, 2 + Object.keys(theirs).length, 2 + Object.keys(theirs).length - different.length);
      found.push(...different.map((column) => `${says}: ${column} ${mine[column]} | ${theirs[column]}`));
    }
    tally.check(name, found);
  });
});

test('docs/correctness.md says so', () => tally.expectDocumented('tcpdump'));
