/** `some: FILTER`: something must be there that the filter selects. */
import { plural } from '../../account.js';
import { nounOf, type RuleKind } from '../rule.js';

export const some: RuleKind = {
  name: 'some',
  takes: 'text',
  about: 'at least one message that a filter selects',
  make([value], terms) {
    const selection = terms.filter(value);
    const noun = nounOf(terms.scope);
    const places = terms.places();
    return {
      expected: `at least 1 ${noun} where ${selection.text}`,
      take: (source) => {
        if (selection.matches(source)) places.add(source);
      },
      verdict: () => ({ ok: places.total > 0, found: plural(places.total, noun), places }),
    };
  },
};
