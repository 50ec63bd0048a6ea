/** Fields of the messages that are related to a message (`dissect/related.ts`). */
import type { Related, Relation } from '../dissect/related.js';
import type { Kind, Tests } from './field.js';
import { bodyField, type HeaderField, withNames } from './field-lines.js';

const RELATIONS: readonly Relation[] = ['gss_context', 'request', 'blocked', 'replay'];

export function relatedFields(): HeaderField[] {
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
  passes: (tests: Tests, related: Related) => boolean,
): HeaderField {
  return bodyField(
    name,
    kind,
    about,
    (tests) =>
      ({ related }) =>
        related.some((each) => passes(tests, each)),
  );
}
