/** `none: FILTER`: nothing may be there that the filter selects. */
import { plural } from '../../account.js';
import { nounOf, type RuleKind } from '../rule.js';

export const none: RuleKind = {
  name: 'none',
  takes: 'text',
  about: 'no message that a filter selects',
  make([value], terms) {
    const selection = terms.filter(value);
    const noun = nounOf(terms.scope);
    const places = terms.places();
    return {
      expected: `no ${noun} where ${selection.text}`,
      take: (source) => {
        if (selection.matches(source)) places.add(source);
      },
      verdict: () => ({ ok: places.total === 0, found: plural(places.total, noun), places }),
    };
  },
};
