/** `count: '>= 3 FILTER'`: the number of messages that the filter selects must compare with the bound. */
import { plural } from '../../../xdr/plural.js';
import { COMPARATORS, type Comparator, holds } from '../comparison.js';
import { RuleError, type RuleKind } from '../rule.js';
import { judgeSelected } from '../selected.js';

const COUNT = new RegExp(`^\\s*(${COMPARATORS.join('|')})?\\s*(\\d{1,15})\\s+(?=\\S)`);

export const count: RuleKind = {
  name: 'count',
  takes: 'text',
  about: 'how many messages a filter selects',
  make([value], terms) {
    const found = COUNT.exec(value.text);
    if (found === null) throw new RuleError("a count is a comparison and a filter: '>= 3 FILTER'", value.at);
    const [before, comparator = '==', number] = found;
    const bound = Number(number);
    return judgeSelected(
      terms.filter({ ...value, text: value.text.slice(before.length) }),
      terms,
      (noun) => `${comparator} ${plural(bound, noun)}`,
      (total) => holds(total, comparator as Comparator, bound),
    );
  },
};
