/**
 * Applies rules to a capture in one pass and collects their results. That there is something to look at is a rule too.
 */
import type { FieldSource } from '../../dissect/field-source.js';
import { grouped, plural } from '../../xdr/plural.js';
import type { Rule } from './make-rule.js';
import type { Place } from './places.js';
import type { RuleSource } from './rule.js';

/** The result of a rule. */
export interface RuleResult {
  rule: string;
  kind: string;
  ok: boolean;
  expected: string;
  found: string;
  /** The first places that a failed rule points at, and their total number; empty for a rule that holds. */
  places: readonly Place[];
  total: number;
  source: RuleSource | null;
}

export interface CheckOptions {
  /** A capture without messages is no failure. */
  allowsEmpty: boolean;
}

export class Check {
  /** All messages of the capture, and those of them that the rules see (`-Y`). */
  all = 0;
  messages = 0;
  /** Exchanges that the rules see; 0 without rules of exchanges. */
  exchanges = 0;
  private readonly ofMessages: Rule[];
  private readonly ofExchanges: Rule[];

  constructor(
    private readonly rules: readonly Rule[],
    private readonly options: CheckOptions,
  ) {
    this.ofMessages = rules.filter((rule) => rule.scope === 'messages');
    this.ofExchanges = rules.filter((rule) => rule.scope === 'exchanges');
  }

  get hasExchangeRules(): boolean {
    return this.ofExchanges.length > 0;
  }

  message(source: FieldSource): void {
    for (const rule of this.ofMessages) rule.take(source);
  }

  exchange(source: FieldSource): void {
    this.exchanges++;
    for (const rule of this.ofExchanges) rule.take(source);
  }

  /** The results, in the order of the rules. */
  results(): RuleResult[] {
    const results = this.rules.map(resultOf);
    return this.options.allowsEmpty ? results : [this.notEmpty(), ...results];
  }

  private notEmpty(): RuleResult {
    const { all, messages, exchanges } = this;
    const found =
      messages === all ? plural(all, 'message') : `${grouped(messages)} of ${plural(all, 'message')} selected by -Y`;
    // A filter on fields that only exchanges have selects no message.
    const ok = messages > 0 || exchanges > 0;
    const kind = 'not_empty';
    return { rule: kind, kind, ok, expected: 'at least 1 message', found, places: [], total: 0, source: null };
  }
}

function resultOf({ name, kind, expected, source, judge }: Rule): RuleResult {
  const { ok, found, places } = judge.verdict();
  const result = { rule: name, kind, ok, expected, found, source };
  return ok ? { ...result, places: [], total: 0 } : { ...result, places: places.first, total: places.total };
}
