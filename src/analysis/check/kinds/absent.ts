/**
 * `no_retransmissions`, `no_malformed`, `no_truncated`, `no_undecoded`: rules that fail if a message has the field.
 * A retransmission is a call that was sent again, or a second reply; retransmitted TCP segments make no message.
 */
import type { Message } from '../../../rpc/message.js';
import { plural } from '../../../xdr/plural.js';
import type { RuleKind } from '../rule.js';

interface Absent {
  name: string;
  /** The field that such a message has, and the fields below it that say more. */
  field: string;
  details: readonly string[];
  noun: string;
  about: string;
  /** The description of a place, made of its details and its message. */
  detail(details: readonly string[], message: Message): string;
}

const ABSENT: readonly Absent[] = [
  {
    name: 'no_retransmissions',
    field: 'retransmission',
    details: ['kind', 'frame', 'file'],
    noun: 'retransmission',
    about: 'no retransmitted call, no duplicate reply',
    detail: ([kind, frame, file]) => `${kind} of frame ${frame}${file === '' ? '' : ` of ${file}`}`,
  },
  {
    name: 'no_malformed',
    field: 'malformed',
    details: ['field', 'reason'],
    noun: 'malformed message',
    about: 'no malformed message',
    detail: ([field, reason]) => `${field}: ${reason}`,
  },
  {
    name: 'no_truncated',
    field: 'truncated',
    details: ['have', 'need'],
    noun: 'truncated message',
    about: 'no message with missing bytes',
    detail: ([have, need], { isKeptInPart }) =>
      isKeptInPart ? `${have} of ${need} bytes kept, to bound memory` : `${have} of ${need} bytes`,
  },
  {
    name: 'no_undecoded',
    field: 'undecoded',
    details: ['reason'],
    noun: 'undecoded message',
    about: 'no body that could not be decoded',
    detail: ([reason]) => reason,
  },
];

export const absent: readonly RuleKind[] = ABSENT.map(({ name, field, details, noun, about, detail }) => ({
  name,
  takes: 'true',
  about,
  scope: 'messages',
  make([{ at }], terms) {
    const selection = terms.filter({ text: field, at });
    const texts = terms.texts(details.map((each) => `${field}.${each}`));
    const places = terms.places();
    return {
      expected: `no ${noun}`,
      take: (source) => {
        if (selection.matches(source)) places.add(source, (message) => detail(texts(source), message));
      },
      verdict: () => ({ ok: places.total === 0, found: plural(places.total, noun), places }),
    };
  },
}));
