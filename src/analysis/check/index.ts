/** The kinds of rules. To add one: write its file in `kinds/`, and its line here. */
import { absent } from './kinds/absent.js';
import { answered } from './kinds/answered.js';
import { assertion } from './kinds/assertion.js';
import { count } from './kinds/count.js';
import { none } from './kinds/none.js';
import { only } from './kinds/only.js';
import { order } from './kinds/order.js';
import { some } from './kinds/some.js';
import type { RuleKind } from './rule.js';

export const RULE_KINDS: ReadonlyMap<string, RuleKind> = new Map(
  [none, some, count, assertion, answered, ...absent, ...only, order].map((kind) => [kind.name, kind]),
);
