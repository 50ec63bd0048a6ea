/** `none: FILTER`: there must be no message that the filter selects. */
import type { RuleKind } from '../rule.js';
import { judgeSelected } from '../selected.js';

export const none: RuleKind = {
  name: 'none',
  takes: 'text',
  about: 'no message that a filter selects',
  make: ([value], terms) =>
    judgeSelected(
      terms.filter(value),
      terms,
      (noun) => `no ${noun}`,
      (count) => count === 0,
    ),
};
