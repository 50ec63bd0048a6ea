/**
 * The rules of a run: those of the files that `--rules` names and of options; without any, those of `rpcdump.yaml`
 * in the current folder. All rules are made before anything is read, so that a mistake is reported first.
 */
import { existsSync } from 'node:fs';
import { makeRule, type Rule } from '../../analysis/check/make-rule.js';
import { RuleError, type RuleText, type Scope } from '../../analysis/check/rule.js';
import type { Filter, FilterOptions } from '../../filter/filter.js';
import { POINTED_FRAMES } from '../../limits/analysis.js';
import { UsageError } from '../exit.js';
import { collectError, readRuleFile, usageError } from './rule-file.js';
import { type Needs, noNeeds, RuleTerms } from './terms.js';

const DEFAULT_FILE = 'rpcdump.yaml';

export interface RuleOptions {
  rules?: string[];
  failOn?: string[];
  expect?: string[];
  assert?: string[];
  calls?: true;
  allowEmpty?: true;
}

export interface Rules {
  rules: readonly Rule[];
  allowsEmpty: boolean;
  needs: Needs;
  /** The filters in the rules. */
  filters: readonly Filter[];
}

/** Options that are rules, and their kinds. */
const OPTION_KINDS = [
  ['failOn', '--fail-on', 'none'],
  ['expect', '--expect', 'count'],
  ['assert', '--assert', 'assert'],
] as const;

/** @throws UsageError that says where and what is wrong, also when there is no rule at all. */
export function loadRules(options: RuleOptions, filterOptions: FilterOptions): Rules {
  const needs = noNeeds();
  const rules: Rule[] = [];
  const filters: Filter[] = [];
  const make = (text: RuleText, frames: number) =>
    makeRule(text, (scope: Scope | undefined) => new RuleTerms(filterOptions, { needs, filters }, scope, frames));
  if (options.calls && !hasOptionRules(options))
    throw new UsageError("--calls goes with --fail-on, --expect and --assert; a rule in a file has 'of: exchanges'");
  let allowsEmpty = options.allowEmpty === true;
  for (const path of filesOf(options)) {
    const file = readRuleFile(path);
    allowsEmpty ||= file.allowsEmpty;
    const errors = [...file.errors];
    rules.push(...file.rules.flatMap((text) => collectError(() => make(text, file.frames), errors)));
    if (errors.length > 0) throw usageError(errors, file.sourceOf);
  }
  for (const [name, flag, kind] of OPTION_KINDS) {
    for (const text of options[name] ?? []) {
      rules.push(located(() => make(optionRule(kind, text, options.calls === true), POINTED_FRAMES), flag));
    }
  }
  return { rules, allowsEmpty, needs, filters };
}

/** @throws UsageError when there is neither an option with a rule nor a file. */
function filesOf(options: RuleOptions): string[] {
  if (options.rules !== undefined) return options.rules;
  if (hasOptionRules(options)) return [];
  if (existsSync(DEFAULT_FILE)) return [DEFAULT_FILE];
  throw new UsageError(
    `no rules: there is no ${DEFAULT_FILE} here; see 'rpcdump check --help' for --rules, --fail-on …`,
  );
}

function hasOptionRules(options: RuleOptions): boolean {
  return OPTION_KINDS.some(([name]) => options[name] !== undefined);
}

function optionRule(kind: string, text: string, ofExchanges: boolean): RuleText {
  const entry = (value: string) => ({ at: 0, values: [{ text: value, at: 0 }] });
  const entries = new Map([[kind, entry(text)]]);
  if (ofExchanges) entries.set('of', entry('exchanges'));
  return { at: 0, source: null, entries };
}

function located<T>(make: () => T, where: string): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RuleError) throw new UsageError(`${where}: ${error.message}`);
    throw error;
  }
}
