/** The generated line of a summary is the one that its steps write one by one, whatever they are and wherever the fields are. */
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { DISSECTORS, readSpecification } from '../../src/dissect/library.js';
import { Summary, type SummaryContext } from '../../src/dissect/summary.js';
import { generateLine } from '../../src/dissect/summary-code.js';
import { interpretLine, type Step } from '../../src/dissect/summary-line.js';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { armsOf, type Plan } from '../../src/xdr/plan.js';
import { bytes } from '../helpers/capture-writer.js';
import { planOf } from '../helpers/plans.js';
import { words } from '../helpers/rpc-writer.js';

const nfs4 = new PlanBuilder(readSpecification(join(DISSECTORS, 'nfs4', 'nfs4.x')));

const FIELDS = 6;
/** The slot of a bitmap of two words behind the other fields. */
const BITMAP = FIELDS;
const BITMAP_AT = 20;
const all = planOf(
  'enum kind { ONE = 1, TWO = 2 }; struct all { unsigned number; kind kind; unsigned hyper size; hyper offset; bool is; string text<>; };',
  'all',
);
const leaves: Plan[] = all.kind === 'struct' ? all.fields.map(({ plan }) => plan) : [];

const literal = fc.record({
  kind: fc.constant('literal' as const),
  text: fc.constantFrom('', '/', 'of', '/name', 'size', ':'),
  before: fc.boolean(),
  after: fc.boolean(),
});
const leaf = fc.record(
  {
    kind: fc.constant('leaf' as const),
    slot: fc.nat(FIELDS - 1),
    plan: fc.constantFrom(...leaves),
    format: fc.constantFrom('', 'flag'),
    name: fc.constantFrom('name', 'x'),
    noun: fc.constant('entry'),
  },
  { requiredKeys: ['kind', 'slot', 'plan', 'format', 'name'] },
);
const { step } = fc.letrec<{ step: Step }>((tie) => {
  const steps = fc.array(tie('step'), { maxLength: 4 });
  const groups = fc.record({ kind: fc.constantFrom('group' as const, 'parts' as const), steps });
  const arms = fc.array(fc.tuple(fc.nat(33), fc.option(tie('step'))), { maxLength: 6 });
  const values = fc.record({
    kind: fc.constant('values' as const),
    slot: fc.constant(BITMAP),
    arms: arms.map((entries) => new Map(entries)),
  });
  return { step: fc.oneof({ maxDepth: 3 }, literal, leaf, groups, values) };
});
/** Where each field is among the bytes; -1: it is not there. */
const places = fc.array(fc.constantFrom(-1, 0, 4, 8, 12), { minLength: FIELDS, maxLength: FIELDS });
const contents = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((drawn) => {
  // Lengths of texts that are there, and values that enums have names for.
  for (let at = 0; at < drawn.length; at += 4) drawn.set([0, 0, 0, drawn[at + 3] % 4], at);
  return Buffer.concat([drawn, Buffer.from('text')]);
});
const bitmaps = fc.tuple(fc.boolean(), fc.nat(0xffff), fc.nat(3));

test('any steps, any fields', () => {
  let written = 0;
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 6 }),
      places,
      contents,
      bitmaps,
      fc.constantFrom('', 'a', '/'),
      (steps, at, fields, [isThere, low, high], before) => {
        const body = bytes(fields, words(2, low, high));
        const slots = Int32Array.from([...at, isThere ? BITMAP_AT : -1].flatMap((place) => [place, 2]));
        const context = { bytes: body } as unknown as SummaryContext;
        const extent = { bytes: body, at: 0, end: body.length, limit: body.length };
        const lines = [interpretLine(steps, slots), generateLine(steps)!].map((write) => {
          const out = new ByteWriter(64);
          out.ascii(before);
          // Twice: what a leaf remembers is written like what it wrote first.
          write(out, context, slots, extent);
          write(out, context, slots, extent);
          return out.toString();
        });
        expect(lines[1]).toBe(lines[0]);
        if (lines[0].length > before.length) written++;
      },
    ),
    { numRuns: 2000 },
  );
  expect(written).toBeGreaterThan(500);
});

test('a body of another program is left to the steps', () => {
  const body: Step = { kind: 'body', slot: 0, plan: {} as never, operands: [] };
  expect(generateLine([{ kind: 'group', steps: [body] }])).toBeNull();
});

test('no operation of NFSv4 has a line too long for V8 to compile', () => {
  // V8 compiles at most 60 KiB of bytecode in one function; these lines have about two characters for each byte.
  const longest = 20_000;
  const lengths: number[] = [];
  const compile = globalThis.Function;
  vi.stubGlobal('Function', function record(...parts: string[]) {
    lengths.push(parts[parts.length - 1].length);
    return compile(...parts);
  });
  try {
    for (const type of ['nfs_argop4', 'nfs_resop4']) {
      const union = nfs4.typePlan(type);
      for (const { plan } of union?.kind === 'union' ? armsOf(union) : []) {
        const summary = new Summary(plan, [{ kind: 'field', path: '', format: '' }], [], expect.unreachable);
        const empty = { bytes: Buffer.alloc(0), at: 0, end: 0, limit: 0 };
        summary.find(empty);
        summary.write(new ByteWriter(64), { bytes: empty.bytes } as unknown as SummaryContext, empty);
      }
    }
  } finally {
    vi.unstubAllGlobals();
  }
  expect(lengths.length).toBeGreaterThan(100);
  expect(Math.max(...lengths)).toBeLessThan(longest);
});
