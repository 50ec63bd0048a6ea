/** Fields packed into text are the same fields again; and what is told without them is what a walk through them tells. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Aliases } from '../../../src/analysis/diff/aliases.js';
import { differencesOf } from '../../../src/analysis/diff/differences.js';
import type { ComparedExchange } from '../../../src/analysis/diff/exchange.js';
import { handlesOf } from '../../../src/analysis/diff/exchange.js';
import { CUT, type Field, type LeafValue } from '../../../src/analysis/diff/field.js';
import { type ExchangeFields, FieldShapes, PackedFields } from '../../../src/analysis/diff/packed-fields.js';
import { planOf } from '../../helpers/plans.js';

const PLANS = [null, planOf('/*@ show hex */ typedef unsigned t;')];
const ALIASES = [
  { name: 'handle', isLocal: false },
  { name: 'stateid', isLocal: false },
  { name: 'cookie', isLocal: true },
];

const leaf: fc.Arbitrary<LeafValue> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('', ';', '\0', 's1;a'),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
);
/** Few, so that one recording often has names that stand for something else already. */
const named = fc.constantFrom('aa', 'bb', 'cc', 7n, 8);
const name = fc.constantFrom('a', 'b', 'c', 'status');

/** Fields behind which bytes may be missing. */
const perhapsCut = (all: fc.Arbitrary<Field[]>) =>
  fc.tuple(all, fc.boolean()).map(([each, isCut]) => (isCut ? [...each, CUT] : each));

const { field } = fc.letrec<{ field: Field; fields: Field[]; elements: Field[] }>((tie) => ({
  field: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('value' as const), name, value: leaf, plan: fc.constantFrom(...PLANS) }),
    fc
      .record({ kind: fc.constant('alias' as const), name, value: named, alias: fc.constantFrom(...ALIASES, null) })
      .map((made) => ({ ...made, alias: made.alias ?? { name: made.name, isLocal: true } })),
    fc.record({ kind: fc.constant('varying' as const), name }),
    fc.record({ kind: fc.constant('members' as const), name, members: tie('fields'), isUnion: fc.boolean() }),
    fc.record({ kind: fc.constant('elements' as const), name, elements: tie('elements') }),
  ),
  fields: perhapsCut(fc.uniqueArray(tie('field'), { maxLength: 4, selector: (each) => each.name })),
  elements: perhapsCut(fc.array(tie('field'), { maxLength: 4 }).map((all) => all.map(asElement))),
}));
const fields = fc.uniqueArray(field, { maxLength: 4, selector: (each) => each.name });
/** How a call fared has no names. */
const stats = fc.array(
  fc.nat({ max: 3 }).map((value): Field => ({ kind: 'value', name: 'outcome', value, plan: null })),
);
const exchange = fc.record({ call: fields, stats, reply: fields });

function asElement(element: Field, index: number): Field {
  const isOwn = element.kind === 'alias' && element.alias.name === element.name;
  return { ...element, name: `[${index}]`, ...(isOwn && { alias: { name: `[${index}]`, isLocal: true } }) } as Field;
}

const shapes = new FieldShapes();
const pack = (each: ExchangeFields) => new PackedFields(shapes, each);

test('packed fields are the same fields again', () => {
  fc.assert(
    fc.property(exchange, (each) => {
      expect(pack(each).all).toEqual(each);
    }),
  );
});

test('there are more fields than one letter can tell apart', () => {
  const many = Array.from({ length: 40_000 }, (_, i): Field => ({ kind: 'varying', name: `field${i}` }));
  const each = { call: many, stats: [], reply: [] };
  expect(new PackedFields(new FieldShapes(), each).all).toEqual(each);
});

/** The exchange with other names: each of one kind that is in `from` becomes what stands there in `to`. */
function renamed(each: Field, names: ReadonlyMap<LeafValue, LeafValue>): Field {
  if (each.kind === 'alias') return { ...each, value: names.get(each.value) ?? each.value };
  if (each.kind === 'members') return { ...each, members: each.members.map((member) => renamed(member, names)) };
  if (each.kind === 'elements') return { ...each, elements: each.elements.map((element) => renamed(element, names)) };
  return each;
}

function exchangeOf(each: ExchangeFields, isWalked: boolean): ComparedExchange {
  const packed = pack(each);
  const walked = Object.create(packed, { choosesByName: { value: true } });
  const made = { isAnswered: true, fields: isWalked ? walked : packed, handles: handlesOf(each.call) };
  return made as unknown as ComparedExchange;
}

test('what differs in names alone is told as a walk through all fields tells it', () => {
  const names = fc.uniqueArray(named, { minLength: 5, maxLength: 5 });
  const steps = fc.array(fc.tuple(exchange, names), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(steps, (all) => {
      const found = [false, true].map((isWalked) => {
        const aliases = new Aliases(8);
        return all.map(([each, others]) => {
          const to = new Map(['aa', 'bb', 'cc', 7n, 8].map((from, i) => [from, others[i]]));
          const other = {
            call: each.call.map((one) => renamed(one, to)),
            stats: each.stats,
            reply: each.reply.map((one) => renamed(one, to)),
          };
          const differences = differencesOf(exchangeOf(each, isWalked), exchangeOf(other, isWalked), aliases);
          return differences.map((difference) => ({
            ...difference,
            before: [difference.contradiction?.expected?.actual, difference.contradiction?.actual?.expected],
          }));
        });
      });
      expect(found[0]).toEqual(found[1]);
    }),
  );
});
