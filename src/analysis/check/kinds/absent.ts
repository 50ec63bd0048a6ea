/**
 * `no_retransmissions`, `no_malformed`, `no_truncated`, `no_undecoded`: what a good recording has none of. A retransmission is a call
 * that was sent again, or a second reply; TCP segments that were sent again make no message.
 */
import { plural } from '../../account.js';
import type { RuleKind } from '../rule.js';

const ABSENT: readonly [name: string, field: string, noun: string, about: string][] = [
  ['no_retransmissions', 'retransmission', 'retransmission', 'no call sent again, no second reply'],
  ['no_malformed', 'malformed', 'malformed message', 'no bytes that cannot be right'],
  ['no_truncated', 'truncated', 'truncated message', 'no message with bytes that were not captured'],
  ['no_undecoded', 'undecoded', 'undecoded message', 'no body that was left as bytes'],
];

export const absent: readonly RuleKind[] = ABSENT.map(([name, field, noun, about]) => ({
  name,
  takes: 'true',
  about,
  scope: 'messages',
  make([{ at }], terms) {
    const selection = terms.filter({ text: field, at });
    const places = terms.places();
    return {
      expected: `no ${noun}`,
      take: (source) => {
        if (selection.matches(source)) places.add(source);
      },
      verdict: () => ({ ok: places.total === 0, found: plural(places.total, noun), places }),
    };
  },
}));
