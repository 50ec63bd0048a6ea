/**
 * Filters that tshark accepts select the same frames here: answers made by make-filters.sh. Where they differ, the difference is listed
 * with the reason; a difference that is not listed, or listed and gone, fails.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Filter } from '../../src/filter/filter.js';
import { selectEach } from '../helpers/filters.js';
import { FIXTURES, library } from '../helpers/render.js';

const FILTERS = readFileSync(join(import.meta.dirname, 'filters.txt'), 'utf8')
  .trimEnd()
  .split('\n');
const parsed = FILTERS.map((filter) => new Filter(filter, { library }));

/** Frames by capture and filter. */
const answers = new Map<string, Map<string, number[]>>();
for (const line of readFileSync(join(FIXTURES, 'opinion/filters.tsv'), 'utf8').trimEnd().split('\n')) {
  const [capture, filter, frames] = line.split('\t');
  const known = answers.get(capture) ?? new Map<string, number[]>();
  answers.set(capture, known.set(filter, frames.split(' ').map(Number)));
}

interface Known {
  capture: string;
  filters: RegExp;
  reason: string;
}

const KNOWN: Known[] = [
  ...['nfs4/client-4.2', 'nfs4/callbacks-4.1'].map((capture) => ({
    capture,
    filters: /^nfs\.stateid\.other$/,
    reason: 'tshark shows no stateid in the reply to a CLOSE',
  })),
  {
    capture: 'nfsacl/rpcgen',
    filters: /^nfs\.status == 0$/,
    reason: 'tshark reads no status in the reply to a GETATTR of version 2',
  },
  {
    capture: 'nfs3/allprocs-start',
    filters: /^mount$/,
    reason: 'tshark gives replies without a body no layer of their program',
  },
  {
    capture: 'rpcbind/loopback',
    filters: /^mount$/,
    reason: 'tshark gives replies without a body no layer of their program',
  },
  {
    capture: 'rpcbind/allprocs-udp6-lo',
    filters: /^portmap$/,
    reason: 'tshark gives replies without a body no layer of their program',
  },
  { capture: 'nfs3/allprocs-start', filters: /TXT/, reason: 'tshark ends names at their first letter beyond ASCII' },
  {
    capture: 'rpcbind/loopback',
    filters: /^portmap\.rpcb\.owner$/,
    reason: 'tshark does not read the arguments of GETADDRLIST',
  },
  {
    capture: 'rpcbind/allprocs-udp6-lo',
    filters: /^portmap\.rpcb\.owner$/,
    reason: 'tshark does not read the arguments of SET, UNSET and others',
  },
];

test('there are enough of them, and they select something', () => {
  const used = new Set([...answers.values()].flatMap((known) => [...known.keys()]));
  expect(FILTERS.filter((filter) => !used.has(filter))).toEqual([]);
  expect(used.size).toBeGreaterThanOrEqual(40);
});

describe.each([...answers])('%s', (capture, theirs) => {
  test('the same frames', async () => {
    const different: string[] = [];
    // Messages that tshark does not see are those of tshark.test.ts.
    const seen = new Set(theirs.get('rpc'));
    const selected = await selectEach(join(FIXTURES, 'captures', `${capture}.pcap`), parsed);
    for (const [i, filter] of FILTERS.entries()) {
      const ours = [...new Set(selected[i].map(({ frame }) => frame))].filter((frame) => seen.has(frame)).join(' ');
      const expected = (theirs.get(filter) ?? []).join(' ');
      const known = KNOWN.some((each) => each.capture === capture && each.filters.test(filter));
      if ((ours === expected) === known) different.push(`${filter}\n  ours:   ${ours}\n  theirs: ${expected}`);
    }
    expect(different).toEqual([]);
  });
});
