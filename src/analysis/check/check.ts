/** Rules asked of a capture in one pass, and what came of them. That there was something to look at is a rule of its own. */
import type { FieldSource } from '../../dissect/field-source.js';
import { plural } from '../account.js';
import type { Rule } from './make-rule.js';
import type { Place } from './places.js';
import type { RuleSource } from './rule.js';

/** What became of a rule. */
export interface RuleResult {
  rule: string;
  kind: string;
  ok: boolean;
  expected: string;
  found: string;
  /** The first places that a failed rule points at, and how many there are; none of one that holds. */
  places: readonly Place[];
  total: number;
  source: RuleSource | null;
}

export interface CheckOptions {
  /** A capture without messages is no failure. */
  allowsEmpty: boolean;
}

export class Check {
  /** Messages in the capture, and those of them that are looked at (`-Y`). */
  all = 0;
  messages = 0;
  /** Exchanges that are looked at, where a rule does. */
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

  /** What became of the rules, in their order. */
  results(): RuleResult[] {
    const results = this.rules.map(resultOf);
    return this.options.allowsEmpty ? results : [this.notEmpty(), ...results];
  }

  private notEmpty(): RuleResult {
    const { all, messages, exchanges } = this;
    const found = messages === all ? plural(all, 'message') : `${messages} of ${plural(all, 'message')} selected by -Y`;
    // A filter of what only exchanges have selects no message.
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
