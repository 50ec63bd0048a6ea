/**
 * `order: [FILTER, FILTER, …]`: before the first message that a filter selects, one must have come that the filter before it selects.
 * A filter that selects nothing breaks no order. With `per` each client, server or connection has an order of its own.
 */
import type { Dissection } from '../../../dissect/dissector.js';
import type { FieldSource } from '../../../dissect/field-source.js';
import { MAX_ORDERS } from '../../../limits.js';
import { CALL } from '../../../rpc/message.js';
import { plural } from '../../account.js';
import { nounOf, RuleError, type RuleKind } from '../rule.js';

/** Whose order a message counts for. */
const PARTIES: Record<string, (dissection: Dissection) => string | number> = {
  client: ({ message }) => (message.type === CALL ? message.source : message.destination).address,
  server: ({ message }) => (message.type === CALL ? message.destination : message.source).address,
  connection: ({ message }) => message.connection,
};

export const order: RuleKind = {
  name: 'order',
  takes: 'list',
  about: 'what must come before the first of what',
  options: { per: Object.keys(PARTIES) },
  make(values, terms, options) {
    if (values.length < 2) throw new RuleError('an order has two filters or more', values[0].at);
    const selections = values.map((value) => terms.filter(value));
    const noun = nounOf(terms.scope);
    const party = PARTIES[options.get('per') ?? ''] ?? (() => 0);
    const orders = new Map<string | number, boolean[]>();
    const places = terms.places();
    let firstBroken = '';
    let uncounted = 0;
    const judge = (source: FieldSource, seen: boolean[]) => {
      // From the last on: what one message is can not have come before it.
      for (let i = selections.length - 1; i >= 0; i--) {
        if (seen[i] || !selections[i].matches(source)) continue;
        seen[i] = true;
        if (i === 0 || seen[i - 1]) continue;
        places.add(source);
        if (firstBroken === '') firstBroken = `${selections[i].text}, and not before it ${selections[i - 1].text}`;
      }
    };
    return {
      expected: `${selections.map(({ text }) => text).join(', before the first ')}${perText(options)}`,
      take: (source) => {
        const key = party(source.messages[0]);
        const seen = orders.get(key) ?? (orders.size < MAX_ORDERS ? selections.map(() => false) : null);
        if (seen === null) uncounted++;
        else {
          orders.set(key, seen);
          judge(source, seen);
        }
      },
      verdict: () => ({
        ok: places.total === 0,
        found:
          (places.total === 0 ? 'in order' : `${plural(places.total, noun)} too early: ${firstBroken}`) +
          (uncounted > 0 ? ` (${plural(uncounted, noun)} beyond the most orders that are followed)` : ''),
        places,
      }),
    };
  },
};

function perText(options: ReadonlyMap<string, string>): string {
  const per = options.get('per');
  return per === undefined ? '' : `, for each ${per}`;
}
