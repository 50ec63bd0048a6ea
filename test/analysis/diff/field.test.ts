/** What a field is compared as, by its type and its hints. */
import { expect, test } from 'vitest';
import { bytesValue, fieldOf, variationOf } from '../../../src/analysis/diff/field.js';
import { MAX_DIFF_CONTENTS } from '../../../src/limits/diff.js';
import { decodeTree } from '../../../src/xdr/tree.js';
import { noContext } from '../../../src/xdr/tree-node.js';
import { planOf } from '../../helpers/plans.js';

const local = (name: string) => ({ name, isLocal: true });
const global = (name: string) => ({ name, isLocal: false });

test.each([
  ['typedef unsigned int t;', null],
  ['typedef opaque t<>;', null],
  ['/*@ handle */ typedef opaque t<>;', global('handle')],
  ['/*@ handle; varies netobj */ typedef opaque t<>;', global('handle')],
  ['/*@ identifier */ typedef unsigned hyper t;', local('field')],
  ['/*@ identifier; varies clientid */ typedef unsigned hyper t;', global('clientid')],
  ['/*@ show time */ typedef unsigned int t;', global('')],
  ['/*@ show port */ typedef unsigned int t;', global('port')],
  ['/*@ show address */ typedef string t<>;', global('address')],
  ['/*@ show size */ typedef unsigned int t;', null],
  ['/*@ varies */ typedef unsigned int t;', global('')],
  ['/*@ varies host */ typedef string t<>;', global('host')],
  ['/*@ varies cookie local */ typedef opaque t[8];', local('cookie')],
  ['/*@ varies */ struct t { int a; };', global('')],
  ['/*@ show time nano */ struct t { unsigned a; unsigned b; };', global('')],
  ['/*@ show stateid */ struct t { unsigned a; opaque b[12]; };', global('stateid')],
])('%s', (definition, variation) => {
  expect(variationOf(planOf(definition), 'field')).toEqual(variation);
});

test.each([
  ['unsigned hyper t;', 5n],
  ['/*@ identifier */ typedef unsigned hyper t;', '5'],
  ['opaque t[8];', '0000000000000005'],
  ['double t;', 2.5e-323],
])('%s, its value as records have it', (definition, value) => {
  const bytes = Buffer.from('0000000000000005', 'hex');
  const plan = planOf(definition.replace(/^(?!\/)/, 'typedef '));
  const { root } = decodeTree(plan, { bytes, start: 0, end: 8, limit: 8, context: noContext }, 'field');
  expect(fieldOf(root!, 'field', null)).toMatchObject({ name: 'field', value });
});

test.each([
  ['unsigned int', '00000000', 'value'],
  ['unsigned int', 'ffffffff', 'value'],
  ['unsigned int', 'fffffffe', 'alias'],
  ['int', '00000000', 'value'],
  ['int', 'ffffffff', 'value'],
  ['int', 'fffffffe', 'alias'],
  ['hyper', 'ffffffffffffffff', 'value'],
  ['hyper', '00000000ffffffff', 'alias'],
  ['unsigned hyper', 'ffffffffffffffff', 'value'],
])('a name of the type %s with the bytes %s is a field of the kind %s', (type, hex, kind) => {
  const bytes = Buffer.from(hex, 'hex');
  const input = { bytes, start: 0, end: bytes.length, limit: bytes.length, context: noContext };
  const { root } = decodeTree(planOf(`/*@ varies pid */ typedef ${type} t;`), input, 'field');
  expect(fieldOf(root!, 'field', null)).toMatchObject({ kind });
});

test.each([
  ['61c3a9', 'aé'],
  ['61ff', 'a\ufffd (61ff)'],
  ['61fe', 'a\ufffd (61fe)'],
])('the string of the bytes %s', (hex, value) => {
  const bytes = Buffer.from(`0000000${hex.length / 2}${hex.padEnd(8, '0')}`, 'hex');
  const { root } = decodeTree(
    planOf('typedef string t<>;'),
    { bytes, start: 0, end: 8, limit: 8, context: noContext },
    'field',
  );
  expect(fieldOf(root!, 'field', null)).toMatchObject({ value });
});

test('a hint that says more than there is is a warning', () => {
  const problems: string[] = [];
  planOf('/*@ varies cookie everywhere */ typedef opaque t[8];', 't', problems);
  expect(problems).toHaveLength(1);
});

test('bytes are hex up to a page; of more, their length and a fingerprint', () => {
  expect(bytesValue(Buffer.alloc(MAX_DIFF_CONTENTS, 0xab))).toBe('ab'.repeat(MAX_DIFF_CONTENTS));
  const [one, same, other] = [1, 1, 2].map((byte) => bytesValue(Buffer.alloc(MAX_DIFF_CONTENTS + 1, byte)));
  expect(one).toMatch(/^4097 bytes with the fingerprint [0-9a-f]{16}$/);
  expect([same === one, other === one]).toEqual([true, false]);
});
