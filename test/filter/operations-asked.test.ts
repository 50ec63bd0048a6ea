/** Filters that ask for operations of compounds as if they were procedures, and words that are values of another field. */
import { expect, test } from 'vitest';
import { Filter } from '../../src/filter/filter.js';
import { library } from '../helpers/render.js';

test.each([
  ['procedure == LOOKUP', ['LOOKUP']],
  ['rpc.procedure == lookup or frame == 3', ['LOOKUP']],
  ['nfs && procedure in {READ, NULL}', ['READ']],
  ['procedure != LOOKUP', []],
  ['not procedure == LOOKUP', []],
  ['nfs.procedure_v3 == LOOKUP', []],
  ['operation == LOOKUP', []],
  ['procedure == 4', []],
])('%s: operations %j', (filter, expected) => {
  expect(new Filter(filter, { library }).operations).toEqual(expected);
});

test.each([
  ['procedure == EXCHANGE_ID', /no value 'EXCHANGE_ID': it is a value of 'operation'/],
  ['operation == null', /no value 'null': it is a value of 'procedure'/],
  ['procedure == LOKUP', /no value 'LOKUP'; did you mean 'LOOKUP'\?/],
])('%s: %s', (filter, expected) => {
  expect(() => new Filter(filter, { library })).toThrow(expected);
});
