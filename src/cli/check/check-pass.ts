/**
 * One pass over the captures for all rules: messages as they come, and, if a rule needs them, exchanges as they end.
 * Only necessary work is done: rules on headers decode no body, and without rules of exchanges no call is kept.
 */
import type { Check } from '../../analysis/check/check.js';
import type { Dissection } from '../../dissect/dissection.js';
import type { Exchange } from '../../dissect/exchange.js';
import type { ExchangeFollower as Follower } from '../../dissect/exchange-follower.js';
import { type Filter, MessageSource } from '../../filter/filter.js';
import type { Inspection, InspectOptions } from '../../library/inspection.js';
import { addNeeds, type Needs } from './terms.js';

export class CheckPass {
  private source!: MessageSource;
  follower: Follower | null = null;
  private readonly needs: Needs;

  /** @param filter The filter of `-Y`; it is applied to messages, and to exchanges as a whole. */
  constructor(
    private readonly check: Check,
    needs: Needs,
    private readonly filter: Filter | null,
  ) {
    this.needs = { ...needs };
    if (filter !== null) addNeeds(this.needs, filter.mentioned, !filter.needsBody);
  }

  get inspectOptions(): InspectOptions {
    const { dissection, summaries } = this.needs;
    return {
      headersOnly: !dissection,
      wants: summaries ? 'summaries' : 'operations',
      // Summaries contain file names, as in lists.
      names: summaries,
      onUnanswered: (exchange, outcome) => this.follower?.addUnanswered(exchange, outcome),
    };
  }

  /** To be called before the first message. */
  async begin({ dissector, exchanges }: Inspection): Promise<void> {
    const { check, filter } = this;
    const { bodies, summaries, names } = this.needs;
    this.source = new MessageSource(dissector);
    if (!check.hasExchangeRules) return;
    const { ExchangeFollower } = await import('../../dissect/exchange-follower.js');
    const take = (exchange: Exchange) => {
      if (filter?.matches(exchange) !== false) check.exchange(exchange);
    };
    this.follower = new ExchangeFollower(dissector, exchanges, take, { bodies, summaries, names });
  }

  /** Takes every message. */
  readonly message = (dissection: Dissection): void => {
    const { check, filter, source } = this;
    check.all++;
    this.follower?.add(dissection);
    source.of(dissection);
    if (filter?.matches(source) === false) return;
    check.messages++;
    check.message(source);
  };
}
