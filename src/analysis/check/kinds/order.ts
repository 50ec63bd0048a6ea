/**
 * `order: [FILTER, FILTER, …]`: before the first message that a filter selects, there
 * must be one that the filter before it selects. A filter that selects nothing breaks
 * no order. With `per` each client, server or connection has an order of its own.
 */
import type { Dissection } from '../../../dissect/dissection.js';
import type { FieldSource } from '../../../dissect/field-source.js';
import { MAX_ORDERS } from '../../../limits/analysis.js';
import { CALL } from '../../../rpc/message.js';
import { plural } from '../../../xdr/plural.js';
import type { Places } from '../places.js';
import { type Judge, nounOf, RuleError, type RuleKind, type Selection, type Verdict } from '../rule.js';

/** The party whose order a message counts for. */
const PARTIES: Record<string, (dissection: Dissection) => string | number> = {
  client: ({ message }) => (message.type === CALL ? message.source : message.destination).address,
  server: ({ message }) => (message.type === CALL ? message.destination : message.source).address,
  connection: ({ message }) => message.connection,
};

export const order: RuleKind = {
  name: 'order',
  takes: 'list',
  about: 'filters whose first messages come one after the other',
  options: { per: Object.keys(PARTIES) },
  make(values, terms, options) {
    if (values.length < 2) throw new RuleError('an order has two filters or more', values[0].at);
    const per = options.get('per');
    return new Order(
      values.map((value) => terms.filter(value)),
      per,
      nounOf(terms.scope),
      terms.places(),
    );
  },
};

class Order implements Judge {
  /** Which filters have selected a message, by party. */
  private readonly seen = new Map<string | number, boolean[]>();
  private firstBroken = '';
  private unfollowed = 0;

  constructor(
    private readonly selections: readonly Selection[],
    private readonly per: string | undefined,
    private readonly noun: string,
    private readonly places: Places,
  ) {}

  get expected(): string {
    const texts = this.selections.map(({ text }) => text);
    return `first ${texts.join(', then ')}${this.per === undefined ? '' : `, for each ${this.per}`}`;
  }

  take(source: FieldSource): void {
    const key = this.per === undefined ? '' : PARTIES[this.per](source.messages[0]);
    let seen = this.seen.get(key);
    if (seen === undefined) {
      if (this.seen.size >= MAX_ORDERS) {
        this.unfollowed++;
        return;
      }
      seen = this.selections.map(() => false);
      this.seen.set(key, seen);
    }
    this.follow(source, seen);
  }

  verdict(): Verdict {
    const { places, noun, unfollowed } = this;
    const ok = places.total === 0;
    const found = ok ? 'in order' : `${plural(places.total, noun)} too early: ${this.firstBroken}`;
    const rest = unfollowed > 0 ? ` (${plural(unfollowed, noun)} beyond the most orders that are followed)` : '';
    return { ok, found: found + rest, places };
  }

  private follow(source: FieldSource, seen: boolean[]): void {
    const { selections } = this;
    // Backwards, because a message cannot come before itself.
    for (let i = selections.length - 1; i >= 0; i--) {
      if (seen[i] || !selections[i].matches(source)) continue;
      seen[i] = true;
      if (i === 0 || seen[i - 1]) continue;
      this.places.add(source);
      if (this.firstBroken === '') {
        this.firstBroken = `${selections[i].text} without ${selections[i - 1].text} before it`;
      }
    }
  }
}
