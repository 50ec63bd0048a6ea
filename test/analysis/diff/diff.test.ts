/** Alignment on made-up exchanges: what is done to a recording is what is reported of it, for any recording. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Aliases } from '../../../src/analysis/diff/aliases.js';
import { MAX_DIFF_UNMATCHED, MAX_DIFF_UNMATCHED_KEYS } from '../../../src/limits/diff.js';
import { diff, kinds, look, preambleOf, type Step } from '../../helpers/compared.js';
import { startCpuTime } from '../../helpers/cpu-time.js';

const step = fc.record({
  procedure: fc.nat({ max: 4 }),
  file: fc.nat({ max: 3 }),
  argument: fc.nat({ max: 3 }),
  status: fc.nat({ max: 1 }),
  connection: fc.constant(1),
});
const steps = fc.array(step, { maxLength: 40 });
/** Steps that are all told apart by their arguments. */
const distinct = fc
  .array(step, { minLength: 2, maxLength: 40 })
  .map((all) => all.map((each, index) => ({ ...each, argument: index })));
const place = fc.nat();
const prefixes = fc.constantFrom('own', 'other');
const windows = fc.constantFrom(undefined, 8);

/** What one connection asks, in order: some calls that are its own, then any. */
function queueOf(connection: number): fc.Arbitrary<Step[]> {
  const own = Array.from({ length: 8 }, (_, i) => look(i % 4, 100 * connection + i, connection));
  return fc.array(step, { maxLength: 30 }).map((all) => [...own, ...all.map((each) => ({ ...each, connection }))]);
}

/** The calls of several connections, of which each turn takes the next one. */
function interleave(queues: readonly (readonly Step[])[], turns: readonly number[]): Step[] {
  const left = queues.map((queue) => [...queue]);
  const taken = turns.flatMap((turn) => left[turn].splice(0, 1));
  return [...taken, ...left.flat()];
}

describe('of any recording', () => {
  test('itself, and its twin with other handles, has no differences', () => {
    fc.assert(
      fc.property(steps, prefixes, windows, (all, prefix, window) => {
        expect(diff(all, all, { prefix, window, preamble: [] }).findings).toEqual([]);
      }),
    );
  });

  test('what is left out is missing, and what is added is extra', () => {
    fc.assert(
      fc.property(distinct, place, prefixes, (all, at, prefix) => {
        const index = at % all.length;
        const without = all.filter((_, i) => i !== index);
        const preamble = preambleOf(all);
        const missing = diff(all, without, { prefix, preamble }).findings;
        const extra = diff(without, all, { prefix, preamble }).findings;
        const number = preamble.length + index + 1;
        expect(missing).toMatchObject([{ kind: 'missing', expected: { number } }]);
        expect(extra).toMatchObject([{ kind: 'extra', actual: { number } }]);
      }),
    );
  });

  test('one of several alike is missing, whichever it was', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), place, (all, at) => {
        const without = all.filter((_, i) => i !== at % all.length);
        expect(kinds(diff(all, without, { preamble: preambleOf(all) }).findings)).toEqual(['missing']);
      }),
    );
  });

  test('calls of another connection that come later leave those of the same kind in their places', () => {
    // Of 40 files each is looked at again and again; what connection 2 asks comes a little later, and one call is lost.
    const asked = Array.from({ length: 400 }, (_, i) => look(i % 40, 0, i % 10 < 3 ? 2 : 1));
    const late = asked.map((each, i) => ({ each, place: i + (each.connection === 2 && i > 100 ? 25 : 0) }));
    const actual = late.sort((one, other) => one.place - other.place).map(({ each }) => each);
    const preamble = preambleOf(asked);
    expect(kinds(diff(asked, actual.toSpliced(2, 1), { preamble }).findings)).toEqual(['missing']);
  });

  test('connections of a client may interleave in any way', () => {
    const queues = fc.tuple(...[1, 2, 3].map((connection) => queueOf(connection)));
    const turns = fc.array(fc.nat({ max: 2 }), { minLength: 200, maxLength: 200 });
    fc.assert(
      fc.property(queues, turns, turns, (all, one, other) => {
        const preamble = preambleOf(all.flat());
        expect(diff(interleave(all, one), interleave(all, other), { preamble }).findings).toEqual([]);
      }),
    );
  });

  test('calls may be spread over connections in any way; one that is left out is missing', () => {
    const spread = fc.array(fc.nat({ max: 3 }), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(distinct, spread, spread, place, (all, one, other, at) => {
        const over = (connections: number[]) => all.map((each, i) => ({ ...each, connection: connections[i] }));
        const actual = over(other).filter((_, i) => i !== at % all.length);
        expect(kinds(diff(over(one), actual, { preamble: preambleOf(all) }).findings)).toEqual(['missing']);
      }),
    );
  });

  test('another outcome is a changed field', () => {
    fc.assert(
      fc.property(steps, place, prefixes, windows, (all, at, prefix, window) => {
        if (all.length === 0) return;
        const index = at % all.length;
        const changed = all.map((each, i) => (i === index ? { ...each, status: 7 } : each));
        const { findings } = diff(all, changed, { prefix, window });
        expect(kinds(findings)).toEqual(['changed']);
        const number = preambleOf(all).length + index + 1;
        expect(findings[0]).toMatchObject({
          expected: { number },
          actual: { number },
          differences: [{ path: 'result' }],
        });
      }),
    );
  });

  test('other arguments are a changed field', () => {
    fc.assert(
      fc.property(distinct, place, (all, at) => {
        const changed = all.map((each, i) => (i === at % all.length ? { ...each, argument: 999 } : each));
        expect(diff(all, changed).findings).toMatchObject([
          { kind: 'changed', differences: [{ path: 'args.argument' }] },
        ]);
      }),
    );
  });

  test('neighbours that changed places are one out of order; others are two', () => {
    fc.assert(
      fc.property(distinct, place, place, prefixes, (all, one, other, prefix) => {
        const [i, j] = [one % all.length, other % all.length];
        if (i === j) return;
        const swapped = [...all];
        [swapped[i], swapped[j]] = [all[j], all[i]];
        const expected = Math.abs(i - j) === 1 ? ['order'] : ['order', 'order'];
        expect(kinds(diff(all, swapped, { prefix }).findings)).toEqual(expected);
        expect(diff(all, swapped, { prefix, isStrict: false }).findings).toEqual([]);
      }),
    );
  });

  test('any other recording leaves no exchange out and counts none twice', () => {
    fc.assert(
      fc.property(steps, steps, windows, (one, other, window) => {
        const { findings, diff: it } = diff(one, other, { window });
        const { counts } = it;
        expect(counts.missing - counts.extra).toBe(one.length - other.length);
        const numbers = (side: 'expected' | 'actual') =>
          findings.flatMap((finding) =>
            finding.kind !== 'order' && side in finding ? [(finding as never)[side]] : [],
          );
        for (const side of ['expected', 'actual'] as const)
          expect(new Set(numbers(side)).size).toBe(numbers(side).length);
      }),
    );
  });

  test('what was missing is extra the other way round', () => {
    fc.assert(
      fc.property(distinct, fc.array(place, { maxLength: 5 }), (all, out) => {
        const left = all.filter((_, index) => !out.some((each) => each % all.length === index));
        const preamble = preambleOf(all);
        expect(diff(all, left, { preamble }).diff.counts.missing).toBe(all.length - left.length);
        expect(diff(left, all, { preamble }).diff.counts.extra).toBe(all.length - left.length);
      }),
    );
  });
});

describe('order', () => {
  const one = [look(0, 1, 1), look(0, 2, 2), look(0, 3, 1), look(0, 4, 2)];

  test('counts on a connection, not between connections', () => {
    const interleaved = [one[1], one[0], one[3], one[2]];
    const swapped = [one[2], one[1], one[0], one[3]];
    expect(diff(one, interleaved).findings).toEqual([]);
    const named = { program: 'NFS', programNumber: 100003, version: 3, procedureNumber: 1, summary: 'GETATTR 3' };
    expect(diff(one, swapped).findings).toMatchObject([{ kind: 'order', passed: { count: 1, nearest: named } }]);
  });
});

describe('what is taken for the same call', () => {
  const compound = (operations: string) => [{ ...look(0, 0), operations: operations.split(' ') }];
  test.each([
    ['half of its lines are the same', 'PUTFH GETATTR', 'PUTFH READ', ['changed']],
    ['more are', 'PUTFH GETATTR', 'PUTFH GETATTR READ', ['changed']],
    ['fewer are', 'PUTFH GETATTR', 'PUTFH READ WRITE', ['missing', 'extra']],
    ['none is', 'PUTFH GETATTR', 'SEQUENCE RENEW LINK', ['missing', 'extra']],
  ])('a compound of other operations, of which %s', (_, expected, actual, found) => {
    const options = { preamble: [] };
    expect(kinds(diff(compound(expected), compound(actual), options).findings)).toEqual(found);
  });

  test('not one of another procedure, whatever its arguments', () => {
    const other = { ...look(0, 1), procedure: 2 };
    expect(kinds(diff([look(0, 1)], [other]).findings)).toEqual(['missing', 'extra']);
  });

  test('the likeliest one, that of the same file; what has none is told at its place', () => {
    const all = [look(0, 1), look(1, 2), look(2, 3)];
    const some = [look(0, 9), look(2, 8)];
    const preamble = preambleOf(all);
    expect(diff(all, some, { preamble }).findings).toMatchObject([
      { kind: 'changed', expected: { number: 4 }, actual: { number: 4 } },
      { kind: 'missing', expected: { number: 5 } },
      { kind: 'changed', expected: { number: 6 }, actual: { number: 5 } },
    ]);
    expect(diff(some, all, { preamble }).findings).toMatchObject([
      { kind: 'changed', expected: { number: 4 }, actual: { number: 4 } },
      { kind: 'extra', actual: { number: 5 } },
      { kind: 'changed', expected: { number: 5 }, actual: { number: 6 } },
    ]);
  });

  test('however many changed in a row', () => {
    const before = Array.from({ length: 250 }, (_, index) => look(index % 4, index));
    const after = before.map((each) => ({ ...each, argument: each.argument + 1000 }));
    const { findings } = diff(before, after);
    const pairs = findings.map((each) => each.kind === 'changed' && [each.expected.number, each.actual.number]);
    expect(pairs).toEqual(before.map((_, index) => [index + 5, index + 5]));
  });
});

describe('handles', () => {
  test('another file than before is a difference, and is told once', () => {
    const expected = [look(0, 1), look(1, 2), look(0, 3), look(0, 4)];
    const actual = [look(0, 1), look(1, 2), look(1, 3), look(0, 4)];
    const { findings } = diff(expected, actual);
    expect(findings).toMatchObject([
      { kind: 'changed', differences: [{ path: 'args.object', contradiction: {} }] },
      { kind: 'changed', differences: [{ path: 'args.object' }] },
    ]);
  });

  test('that both recordings have are the same files, also where nobody looked them up', () => {
    const all = [look(0, 1), look(1, 1), look(2, 1), look(3, 1)];
    const without = all.filter((_, index) => index !== 1);
    expect(diff(all, without, { prefix: 'own', preamble: [] }).findings).toMatchObject([
      { kind: 'missing', expected: { number: 2 } },
    ]);
  });
});

describe('handles that differ between recordings of another order', () => {
  const ROOT = 0;
  const lookup = (file: number): Step => ({ ...look(ROOT, file), procedure: 0, found: file });
  /** A file is looked up, then used by calls that are the same for all files. */
  const use = (file: number): Step[] => [lookup(file), look(file, 0), look(file, 1), look(file, 0)];
  const files = [1, 2, 3, 4, 5, 6, 7, 8];

  test('are learnt from the calls that look them up', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (order) => {
        const [one, other] = [files, order].map((each) => each.flatMap(use));
        expect(diff(one, other, { preamble: [], isStrict: false }).findings).toEqual([]);
        const strict = diff(one, other, { preamble: preambleOf([look(ROOT, 0)]) }).findings;
        expect(kinds(strict).filter((kind) => kind !== 'order')).toEqual([]);
      }),
    );
  });

  test('are learnt from calls that occur with one file only', () => {
    fc.assert(
      fc.property(
        distinct.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(diff(all, shuffled, { preamble: [], isStrict: false }).findings).toEqual([]);
        },
      ),
    );
  });

  test('a file that was made anew under the same name is not taken for the old one', () => {
    const anew = [lookup(1), look(1, 0), { ...lookup(1), found: 9 }, look(9, 0), lookup(2), look(2, 0)];
    const other = [lookup(2), look(2, 0), ...anew.slice(0, 4)];
    expect(diff(anew, other, { isStrict: false }).findings).toEqual([]);
  });

  test('of recordings of which one lacks a file, the others are not mixed up', () => {
    const one = files.flatMap(use);
    const other = [...files]
      .reverse()
      .filter((file) => file !== 3)
      .flatMap(use);
    const { counts } = diff(one, other, { preamble: [], isStrict: false }).diff;
    expect(counts).toMatchObject({ missing: 4, extra: 0, changed: 0 });
  });
});

describe('names', () => {
  const place = (text: string, alias = 'stateid') => ({
    alias: { name: alias, isLocal: false },
    value: text,
    scope: '',
  });

  test('are related one for one', () => {
    const aliases = new Aliases();
    expect(aliases.relate(place('a'), place('x'))).toBeNull();
    expect(aliases.relate(place('a'), place('x'))).toBeNull();
    expect(aliases.relate(place('a', 'verifier'), place('y', 'verifier'))).toBeNull();
    expect(aliases.relate(place('b'), place('x'))).toMatchObject({ actual: { expected: 'a' } });
    expect(aliases.relate(place('b'), place('z'))).toMatchObject({ expected: { actual: 'x' } });
  });

  test('within a file are other ones within another file', () => {
    const aliases = new Aliases();
    const cookie = (value: number, scope: string) => ({ alias: { name: 'cookie', isLocal: true }, value, scope });
    expect(aliases.relate(cookie(3, 'dir'), cookie(3, 'dir'))).toBeNull();
    expect(aliases.relate(cookie(3, 'sub'), cookie(5, 'sub'))).toBeNull();
    expect(aliases.relate(cookie(3, 'dir'), cookie(5, 'dir'))).not.toBeNull();
  });

  test('that were forgotten contradict nothing', () => {
    const aliases = new Aliases(8);
    for (let i = 0; i < 1000; i++) {
      aliases.find('expected', place('0'));
      expect(aliases.relate(place(String(i)), place(`other ${i}`))).toBeNull();
    }
    expect(aliases.relate(place('0'), place('another'))).toBeNull();
    expect(aliases.forgotten).toBeGreaterThan(900);
  });
});

describe('the window', () => {
  const many = Array.from({ length: 200 }, (_, index) => look(index % 4, index));

  test('what moved further than it reaches is out of order while it can be kept', () => {
    const moved = [...many.slice(1), many[0]];
    const { findings, diff: it } = diff(many, moved, { window: 8 });
    expect(kinds(findings)).toEqual(['order']);
    expect(it.beyondWindow).toBe(0);
  });

  test('what cannot be kept is missing and extra, and counted', () => {
    const block = Array.from({ length: MAX_DIFF_UNMATCHED + 10 }, (_, index) => look(0, 1000 + index));
    const rest = Array.from({ length: MAX_DIFF_UNMATCHED + 100 }, (_, index) => look(1, 5000 + index));
    const { diff: it } = diff([...block, ...rest], [...rest, ...block]);
    expect(it.counts).toMatchObject({ missing: 10, extra: 10, order: MAX_DIFF_UNMATCHED, changed: 0 });
    expect(it.beyondWindow).toBe(10);
    expect(it.forgottenKeys).toBe(0);
  });

  test('of very many that are missing, those that are no longer looked for are counted', () => {
    const { diff: it } = diff(
      Array.from({ length: MAX_DIFF_UNMATCHED_KEYS + 5 }, (_, index) => look(0, index)),
      [],
    );
    expect([it.counts.missing, it.forgottenKeys]).toEqual([MAX_DIFF_UNMATCHED_KEYS + 5, 5]);
  });

  test('recordings in reverse order take linear time', () => {
    const all = Array.from({ length: 6000 }, (_, index) => look(0, 1000 + index));
    const cpuSeconds = startCpuTime();
    const { diff: it } = diff(all, all.toReversed());
    expect(cpuSeconds()).toBeLessThan(6);
    expect(it.counts.missing).toBe(it.counts.extra);
  });

  test('a block that is missing is found to be whatever the window', () => {
    const without = [...many.slice(0, 50), ...many.slice(58)];
    expect(kinds(diff(many, without, { window: 64 }).findings)).toEqual(new Array(8).fill('missing'));
  });
});
