/**
 * Finds the program's status word in a result: the field marked
 * by a hint, or the enum that a result's union switches on, if it names 0.
 */
import { MAX_WORD_TEXTS } from '../limits/xdr.js';
import type { EnumPlan, NumberPlan, Plan } from '../xdr/plan.js';
import { joinPaths } from './field-path.js';
import { VainSearch } from './vain-search.js';

export interface StatusField {
  path: string;
  plan: EnumPlan | NumberPlan;
  words: StatusWords;
  /** errno-style: which failure it is, when `plan`'s value is negative. */
  error: { path: string; plan: Plan } | null;
}

const DEPTH = 6;

/**
 * The status of a call that answers another call (NLM's _RES,
 * which return nothing): only a hint makes an argument a status.
 */
export function findCallStatus(plan: Plan): StatusField | null {
  return findMarked(plan, '', 0);
}

export function findStatus(plan: Plan): StatusField | null {
  const marked = findMarked(plan, '', 0);
  if (marked !== null) return marked;
  if (plan.kind !== 'union') return null;
  const { name, plan: word } = plan.discriminant;
  // Where 0 has no name, no value could mean success: the union tells kinds of results apart.
  return word.kind === 'enum' && word.names.has(0) ? statusField(name, word) : null;
}

const withoutMark = new VainSearch(DEPTH);

/** Looks where the word always is: in structs and discriminants, not in arms, arrays or optionals. */
function findMarked(plan: Plan, path: string, depth: number): StatusField | null {
  if (withoutMark.has(plan, depth)) return null;
  if ((plan.kind === 'enum' || plan.kind === 'int' || plan.kind === 'unsigned') && plan.status !== undefined) {
    return statusField(path, plan);
  }
  const fields = plan.kind === 'struct' ? plan.fields : plan.kind === 'union' ? [plan.discriminant] : [];
  for (const field of fields) {
    const found = findMarked(field.plan, joinPaths(path, field.name), depth + 1);
    if (found === null) continue;
    const error = found.plan === field.plan ? found.plan.status?.error : undefined;
    const sibling = error === undefined ? undefined : fields.find(({ name }) => name === error);
    return sibling === undefined
      ? found
      : { ...found, error: { path: joinPaths(path, sibling.name), plan: sibling.plan } };
  }
  if (fields.length > 0) withoutMark.add(plan, depth);
  return null;
}

function statusField(path: string, plan: EnumPlan | NumberPlan): StatusField {
  return { path, plan, words: new StatusWords(plan), error: null };
}

/** The name of an errno-style failure, or of success, which is 0. */
export function errorText(plan: Plan, value: number): string {
  const names = 'display' in plan && plan.display?.kind === 'enum' ? plan.display.names : undefined;
  return names?.get(value) ?? (plan.kind === 'enum' ? plan.names.get(value) : undefined) ?? String(value);
}

export function statusText(plan: EnumPlan | NumberPlan, value: number): string {
  const names = plan.status?.names ?? (plan.kind === 'enum' ? plan.names : undefined);
  return names?.get(value) ?? String(value);
}

/** A value of a status word, and its meaning. */
export interface StatusWord {
  value: number;
  text: string;
  isSuccess: boolean;
  /** The success that is named first: another one says something that has to be shown (a lock is BLOCKED). */
  isPlainSuccess: boolean;
}

/** The values of one status field; mostly a value is the same as the last one. */
export class StatusWords {
  private last: StatusWord;
  private readonly known = new Map<number, StatusWord>();

  constructor(private readonly plan: EnumPlan | NumberPlan) {
    this.last = this.make(0);
  }

  of(value: number): StatusWord {
    if (this.last.value === value) return this.last;
    this.last = this.known.get(value) ?? this.add(value);
    return this.last;
  }

  private add(value: number): StatusWord {
    const word = this.make(value);
    if (this.known.size < MAX_WORD_TEXTS) this.known.set(value, word);
    return word;
  }

  private make(value: number): StatusWord {
    const success = this.plan.status?.success;
    return {
      value,
      text: statusText(this.plan, value),
      isSuccess: success === undefined ? value === 0 : success.has(value),
      isPlainSuccess: success === undefined ? value === 0 : success.values().next().value === value,
    };
  }
}
