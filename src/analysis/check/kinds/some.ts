/** `some: FILTER`: there must be a message that the filter selects. */
import type { RuleKind } from '../rule.js';
import { judgeSelected } from '../selected.js';

export const some: RuleKind = {
  name: 'some',
  takes: 'text',
  about: 'at least one message that a filter selects',
  make: ([value], terms) =>
    judgeSelected(
      terms.filter(value),
      terms,
      (noun) => `at least 1 ${noun}`,
      (count) => count > 0,
    ),
};
