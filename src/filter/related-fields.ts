/** Fields of the messages that are related to a message (`dissect/related.ts`). */
import type { Related, Relation } from '../dissect/related.js';
import type { Message } from '../rpc/message.js';
import type { Kind, Tests } from './field.js';
import { bodyField, type HeaderField, withNames } from './field-lines.js';
import { type Inputs, otherFile } from './inputs.js';

const RELATIONS: readonly Relation[] = ['gss_context', 'request', 'blocked', 'replay'];

export function relatedFields(inputs: () => Inputs): HeaderField[] {
  const kind = relatedField('related.kind', 'text', 'why', (tests, related) => tests.text(related.kind));
  return [
    bodyField(
      'related',
      'structure',
      'another message has to do with this one',
      (tests) =>
        ({ related }) =>
          related.length > 0 && tests.structure(),
    ),
    withNames(kind, () => new Set(RELATIONS)),
    relatedField('related.frame', 'number', 'where that one is', (tests, { frame }) => tests.number(frame)),
    relatedField(
      'related.file',
      'text',
      'the input that has it, where that is another one',
      (tests, { file }, message) => {
        const name = otherFile(inputs, file, message);
        return name !== undefined && tests.text(name);
      },
    ),
    relatedField(
      'related.mechanism',
      'text',
      'GSS-API mechanism of a security context',
      (tests, { mechanism }) => mechanism !== undefined && tests.text(mechanism),
    ),
  ];
}

/** A field with a value for each related message. */
function relatedField(
  name: string,
  kind: Kind,
  about: string,
  passes: (tests: Tests, related: Related, message: Message) => boolean,
): HeaderField {
  return bodyField(
    name,
    kind,
    about,
    (tests) =>
      ({ related, message }) =>
        related.some((each) => passes(tests, each, message)),
  );
}
