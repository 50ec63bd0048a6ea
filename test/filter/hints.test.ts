/** Filters that are right and yet surprise, and words that are values of another field. */
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
  ['version == 3 && procedure == READ', []],
])('%s: operations %j', (filter, expected) => {
  expect(new Filter(filter, { library }).hints.operations).toEqual(expected);
});

test.each([
  ['error', ['error']],
  ['nfs and not error', ['error']],
  ['error or retransmission.same_bytes or error', ['error', 'retransmission.same_bytes']],
  ['error == true', []],
  ['truncated', []],
  ['incomplete_reply', []],
  ['status', []],
  ['nfs', []],
  ['credential.machinename[2]', []],
])('%s: Boolean fields alone %j', (filter, expected) => {
  expect(new Filter(filter, { library }).hints.booleans).toEqual(expected);
});

test.each([
  ['tcp.stream == 4', ['tcp.stream']],
  ['nfs and not (udp.stream in {1, 2} or TCP.stream > 3)', ['udp.stream', 'TCP.stream']],
  ['connection == 4', []],
  ['tcp.stream', []],
])('%s: numbers of connections %j', (filter, expected) => {
  expect(new Filter(filter, { library }).hints.streams).toEqual(expected);
});

test.each([
  ['outcome == answered', ['outcome']],
  ['nfs && (retransmissions > 0 || not icmp_error.type == 3)', ['retransmissions', 'icmp_error.type']],
  ['elapsed > 1', []],
])('%s: fields of exchanges %j', (filter, expected) => {
  expect(new Filter(filter, { library }).hints.ofExchanges).toEqual(expected);
});

test.each([
  ['procedure == EXCHANGE_ID', /no value 'EXCHANGE_ID': it is a value of 'operation'/],
  ['procedure == NFS', /no value 'NFS': it is a value of 'program'/],
  ['status in {mount, NFS3_OK}', /no value 'mount': it is a value of 'program'/],
  ['procedure == elapsed', /no value 'elapsed'/],
  ['operation == null', /no value 'null': it is a value of 'procedure'/],
  ['procedure == LOKUP', /no value 'LOKUP'; did you mean 'LOOKUP'\?/],
  // Other programs have a number there.
  ['..mode == UNCHEKED', /no value 'UNCHEKED'; did you mean 'UNCHECKED'\?/],
  ['..state in {3, NSM_UP}', /no value 'NSM_UP'/],
])('%s: %s', (filter, expected) => {
  expect(() => new Filter(filter, { library })).toThrow(expected);
});
