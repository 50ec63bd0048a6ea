/**
 * Makes a rule from its text. The text has one key that is the kind, and may have `name`,
 * `where` (which messages or exchanges it looks at) and `of` (`messages` or `exchanges`). Rules
 * that name `elapsed`, `outcome` or `retransmissions` are of exchanges, all others of messages.
 */
import type { FieldSource } from '../../dissect/field-source.js';
import { suggest } from '../../xdr/suggestion.js';
import { RULE_KINDS } from './index.js';
import {
  type Entry,
  type Judge,
  RuleError,
  type RuleKind,
  type RuleSource,
  type RuleText,
  type Scope,
  type Terms,
} from './rule.js';

/** A rule that is applied to every message, or to every exchange. */
export interface Rule {
  name: string;
  kind: string;
  scope: Scope;
  expected: string;
  source: RuleSource | null;
  take(source: FieldSource): void;
  judge: Judge;
}

/** The keys that every kind may have besides its own. */
const COMMON = ['name', 'where', 'of'];
const SCOPES: readonly string[] = ['messages', 'exchanges'];

/**
 * @param newTerms Makes the terms of a rule of that scope; undefined: the scope follows from the fields that it names.
 * @throws RuleError
 */
export function makeRule(rule: RuleText, newTerms: (scope: Scope | undefined) => Terms): Rule {
  const kind = kindOf(rule);
  const entry = rule.entries.get(kind.name)!;
  checkKeys(rule, kind);
  const options = optionsOf(rule, kind);
  const terms = newTerms(kind.scope ?? (options.get('of') as Scope | undefined));
  const where = rule.entries.get('where');
  const condition = where === undefined ? null : terms.filter(oneText('where', where));
  checkValue(kind, entry);
  const judge = kind.make(entry.values, terms, options);
  const suffix = condition === null ? '' : `, where ${condition.text}`;
  const name = rule.entries.get('name');
  return {
    name: name === undefined ? titleOf(kind, entry) + suffix : oneText('name', name).text,
    kind: kind.name,
    scope: terms.scope,
    expected: judge.expected + suffix,
    source: rule.source,
    take: (source) => {
      if (condition === null || condition.matches(source)) judge.take(source);
    },
    judge,
  };
}

function kindOf({ at, entries }: RuleText): RuleKind {
  const kinds = [...entries.keys()].flatMap((key) => RULE_KINDS.get(key) ?? []);
  if (kinds.length === 1) return kinds[0];
  if (kinds.length > 1) {
    const [first, second] = kinds;
    throw new RuleError(
      `a rule is of one kind, not both '${first.name}' and '${second.name}'`,
      entries.get(second.name)!.at,
    );
  }
  const names = [...RULE_KINDS.keys()];
  for (const [key, entry] of entries) {
    const isOption =
      COMMON.includes(key) || [...RULE_KINDS.values()].some(({ options }) => Object.hasOwn(options ?? {}, key));
    if (!isOption)
      throw new RuleError(`no rule '${key}'${suggest(key, names) || `; there are ${names.join(', ')}`}`, entry.at);
  }
  throw new RuleError(`this rule has no kind; the kinds are ${names.join(', ')}`, at);
}

function checkKeys({ entries }: RuleText, kind: RuleKind): void {
  const options = Object.keys(kind.options ?? {});
  const known = [kind.name, ...COMMON, ...options];
  for (const [key, { at }] of entries) {
    if (!known.includes(key)) throw new RuleError(`'${kind.name}' has no '${key}'${suggest(key, known)}`, at);
  }
}

/** The values of `of` and of the kind's own options. */
function optionsOf({ entries }: RuleText, kind: RuleKind): Map<string, string> {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    ...kind.options,
    of: kind.scope ? [kind.scope] : SCOPES,
  };
  const options = new Map<string, string>();
  for (const [key, values] of Object.entries(allowed)) {
    const entry = entries.get(key);
    if (entry === undefined) continue;
    const { text, at } = oneText(key, entry);
    if (!values.includes(text)) throw new RuleError(`'${key}' is ${values.join(' or ')}${suggest(text, values)}`, at);
    options.set(key, text);
  }
  return options;
}

function checkValue({ name, takes, about }: RuleKind, entry: Entry): void {
  if (takes === 'list' && entry.values.length === 0) throw new RuleError(`'${name}' has an empty list`, entry.at);
  if (takes !== 'list') oneText(name, entry);
  if (takes !== 'true' || entry.values[0].text === 'true') return;
  throw new RuleError(
    `'${name}' takes no value but true (${about}); 'where: FILTER' narrows it down`,
    entry.values[0].at,
  );
}

function oneText(key: string, { at, values }: Entry) {
  if (values.length !== 1) throw new RuleError(`'${key}' has one value, no list`, at);
  if (values[0].text.trim() === '') throw new RuleError(`'${key}' is empty`, values[0].at);
  return values[0];
}

/** The title of a rule without a name: its text. */
function titleOf({ name, takes }: RuleKind, { values }: Entry): string {
  if (takes === 'true') return name;
  return `${name}: ${values.map(({ text }) => text.trim()).join(', ')}`;
}
