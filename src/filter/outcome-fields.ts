/**
 * Fields of the outcome of a message: status, operations, retransmissions, and what is
 * missing or wrong. Most need more than the header, that is a message that was dissected.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { Kind, Tests } from './field.js';
import { bodyField, type Compile, field, type HeaderField, number, structure, text, withNames } from './field-lines.js';
import { type Inputs, otherFile } from './inputs.js';
import { faultOf, type LeftAsBytes, notesOf, undecodedOf } from './remarks.js';
import type { Vocabulary } from './vocabulary.js';

/** Fields of the body's integrity, of the program's own status, and of the files and operations of the body. */
export function outcomeFields(vocabulary: Vocabulary): HeaderField[] {
  return [
    bodyField(
      'databody_integ.seq_num',
      'number',
      'sequence number in a body with integrity (RPCSEC_GSS)',
      (tests) =>
        ({ integrity }) =>
          integrity !== null && tests.number(integrity.sequence),
    ),
    ...operationFields(vocabulary),
    statusField(
      vocabulary,
      'status',
      "the program's own status",
      ({ name }) =>
        ({ status, statusNumber }) =>
          status !== null && name(status, statusNumber),
    ),
    bodyField(
      'status_number',
      'number',
      'the same as a number',
      (tests) =>
        ({ status, statusNumber }) =>
          status !== null && tests.number(statusNumber),
    ),
    bodyField(
      'error',
      'boolean',
      'the call failed',
      ({ boolean }) =>
        ({ error }) =>
          error !== null && boolean(error),
    ),
    bodyField(
      'summary',
      'text',
      'the line that says what happened',
      (tests) => (dissection, source) => dissection.procedure !== null && tests.text(source.summary(dissection)),
    ),
    bodyField(
      'names',
      'text',
      'paths of the files whose handles it has',
      (tests) => (dissection, source) => source.names(dissection).some(([, path]) => tests.text(path)),
    ),
  ];
}

function operationFields(vocabulary: Vocabulary): HeaderField[] {
  return [
    operationField(
      vocabulary,
      'operation',
      'the operation of a compound that matters',
      ({ name }) =>
        ({ compound }) =>
          compound?.isMainSure === true &&
          compound.main >= 0 &&
          name(compound.operations[compound.main].name, compound.operations[compound.main].number),
    ),
    bodyField(
      'operations',
      'structure',
      'there in compounds',
      (tests) =>
        ({ compound }) =>
          compound !== null && compound.main >= 0 && tests.structure(),
    ),
    operationField(
      vocabulary,
      'operations.op',
      'all operations of a compound',
      ({ name }) =>
        ({ compound }) =>
          compound?.operations.some((operation) => name(operation.name, operation.number)) ?? false,
    ),
    statusField(
      vocabulary,
      'operations.status',
      'their statuses',
      ({ name }) =>
        ({ compound }) =>
          compound?.operations.some(({ status, statusNumber }) => status !== null && name(status, statusNumber)) ??
          false,
    ),
    bodyField(
      'failed_operation',
      'structure',
      'there in compounds that failed',
      (tests) => (dissection) => failedIndex(dissection) >= 0 && tests.structure(),
    ),
    bodyField('failed_operation.index', 'number', 'index of the one that failed', (tests) => (dissection) => {
      const index = failedIndex(dissection);
      return index >= 0 && tests.number(index);
    }),
    operationField(vocabulary, 'failed_operation.op', 'the operation that failed', ({ name }) => (dissection) => {
      const index = failedIndex(dissection);
      return (
        index >= 0 && name(dissection.compound!.operations[index].name, dissection.compound!.operations[index].number)
      );
    }),
  ];
}

function failedIndex({ compound, error }: Dissection): number {
  return compound?.isComplete === true && error === true ? compound.operations.length - 1 : -1;
}

function operationField(vocabulary: Vocabulary, name: string, about: string, compile: Compile): HeaderField {
  return withNames(bodyField(name, 'name', about, compile), () => vocabulary.operationNames);
}

function statusField(vocabulary: Vocabulary, name: string, about: string, compile: Compile): HeaderField {
  return withNames(bodyField(name, 'name', about, compile), () => vocabulary.statusNames);
}

export function remarkFields(inputs: () => Inputs): HeaderField[] {
  const kinds = ['rpc', 'rpc_after_reply', 'rpc_reconnect', 'duplicate_reply'];
  return [
    structure('retransmission', 'seen before', (m) => m.retransmission !== null),
    withNames(
      text('retransmission.kind', 'how it was sent again', (m) => m.retransmission ?? undefined),
      () => new Set(kinds),
    ),
    number('retransmission.frame', 'where it was first seen', (m) => (m.retransmission ? m.retransmissionFrame : -1)),
    text('retransmission.file', 'the input that has it, where that is another one', (m) =>
      m.retransmission ? otherFile(inputs, m.retransmissionFile, m) : undefined,
    ),
    field(
      'retransmission.same_bytes',
      'boolean',
      'a duplicate reply has the same bytes',
      ({ boolean }) =>
        ({ message }) =>
          message.retransmission === 'duplicate_reply' && boolean(message.sameBytes),
    ),
    withNames(
      bodyField(
        'retransmission.request_cache',
        'text',
        'hit or miss in the duplicate request cache',
        (tests) =>
          ({ requestCache }) =>
            requestCache !== null && tests.text(requestCache),
      ),
      () => new Set(['hit', 'miss']),
    ),
    structure('truncated', 'bytes of it are missing', (m) => m.isTruncated),
    number('truncated.have', 'bytes that are there', (m) => (m.isTruncated ? m.have : -1)),
    number('truncated.need', 'bytes that it had', (m) => (m.isTruncated ? m.length : -1)),
    bodyField(
      'malformed',
      'structure',
      'bytes cannot be right',
      (tests) => (dissection, source) => faultOf(dissection, source) !== null && tests.structure(),
    ),
    bodyField('malformed.offset', 'number', 'where, from the xid on', (tests) => (dissection, source) => {
      const fault = faultOf(dissection, source);
      return fault !== null && tests.number(fault.offset);
    }),
    bodyField('malformed.field', 'text', 'in which field', (tests) => (dissection, source) => {
      const fault = faultOf(dissection, source);
      return fault !== null && tests.text(fault.field);
    }),
    bodyField('malformed.reason', 'text', 'what is wrong', (tests) => (dissection, source) => {
      const fault = faultOf(dissection, source);
      return fault !== null && tests.text(fault.reason);
    }),
    bodyField(
      'undecoded',
      'structure',
      'the body was left as bytes',
      (tests) => (dissection, source) => undecodedOf(dissection, source) !== null && tests.structure(),
    ),
    undecodedField('undecoded.reason', 'text', 'why', (tests, { reason }) => tests.text(reason)),
    undecodedField(
      'undecoded.operation',
      'number',
      'of an unknown operation its number',
      (tests, { place }) => place !== undefined && tests.number(place.operation),
    ),
    undecodedField(
      'undecoded.index',
      'number',
      'its index in the compound',
      (tests, { place }) => place !== undefined && tests.number(place.index),
    ),
    undecodedField('undecoded.length', 'number', 'how many bytes', (tests, { length }) => tests.number(length)),
    undecodedField('undecoded.data', 'bytes', 'those that are there', (tests, { data }) => tests.bytes(data)),
    bodyField(
      'notes',
      'text',
      'what is odd',
      (tests) => (dissection, source) => notesOf(dissection, source).some((note) => tests.text(note)),
    ),
  ];
}

function undecodedField(
  name: string,
  kind: Kind,
  about: string,
  passes: (tests: Tests, left: LeftAsBytes) => boolean,
): HeaderField {
  return bodyField(name, kind, about, (tests) => (dissection, source) => {
    const left = undecodedOf(dissection, source);
    return left !== null && passes(tests, left);
  });
}
