/** Judges how many messages, or exchanges, a filter selects: shared by `none`, `some` and `count`. */
import { plural } from '../../xdr/plural.js';
import { type Judge, nounOf, type Selection, type Terms } from './rule.js';

/** @param expected The expectation in words, for the noun `message` or `exchange`. */
export function judgeSelected(
  { text, matches }: Selection,
  terms: Terms,
  expected: (noun: string) => string,
  isRight: (count: number) => boolean,
): Judge {
  const noun = nounOf(terms.scope);
  const places = terms.places();
  return {
    expected: `${expected(noun)} where ${text}`,
    take: (source) => {
      if (matches(source)) places.add(source);
    },
    verdict: () => ({ ok: isRight(places.total), found: plural(places.total, noun), places }),
  };
}
