/**
 * Applies the hints on fields and typedefs to a plan. They become attributes of leaves, and nodes for opaques with
 * something inside. The table has one entry for each directive; dissectors/README.md has the grammar. A hint that does
 * not fit its field is a warning and changes nothing.
 */
import type { Hint } from './model.js';
import type {
  DictionaryPlan,
  Display,
  NumberPlan,
  OpaquePlan,
  Operand,
  Plan,
  StatusMark,
  StringPlan,
  StructPlan,
  Variation,
} from './plan.js';

export interface HintScope {
  problem(hint: Hint, message: string): void;
  enumNames(name: string): ReadonlyMap<number, string> | undefined;
  typePlan(name: string): Plan | undefined;
  /** True where some type or procedure has a field of this name. */
  isField(name: string): boolean;
  /** Names of numbered bits: an enum's members, or the arms of a union on a number. */
  bitNames(name: string): ReadonlyMap<number, string> | undefined;
}

const BARE_STRING: StringPlan = { kind: 'string', max: 0xffffffff, bare: true };
const DICTIONARY: DictionaryPlan = {
  kind: 'dictionary',
  element: {
    kind: 'struct',
    name: 'pair',
    fields: [
      { name: 'key', plan: BARE_STRING },
      { name: 'value', plan: BARE_STRING },
    ],
  },
};

type Apply = (plan: Plan, hint: Hint, scope: HintScope) => Plan | null;

const DISPLAYS = [
  'hex',
  'octal',
  'time',
  'duration',
  'address',
  'port',
  'size',
  'load',
  'protocol',
  'program',
] as const;
/** Those that numbers of 64 bits have, too. */
const WIDE_DISPLAYS: ReadonlySet<string> = new Set(['hex', 'time', 'duration', 'size']);

/** Answers the changed plan, or null when the hint does not fit. */
const FIELD_HINTS: Record<string, Apply> = {
  identifier: (plan) => onNumber(plan, (number) => (isWide(number) ? { ...number, identifier: true } : null)),
  user: (plan) => onNumber(plan, (number) => (isWord(number) ? { ...number, user: true } : null)),
  show: (plan, hint, scope) => {
    if (plan.kind === 'struct') return onTimes(plan, hint);
    const kind = hint.arguments[0]?.text;
    if (kind === 'text' || kind === 'sockaddr' || kind === 'mechanism')
      return onOpaque(plan, (opaque) => ({ ...opaque, display: { kind } }));
    const display = parseDisplay(hint, scope);
    return display && (onNumber(plan, (number) => showing(number, display)) ?? onBytes(plan, display));
  },
  unset: (plan, hint) => {
    const [value] = hint.arguments;
    if (value?.text === '') return onElements(plan, (leaf) => (leaf.kind === 'string' ? { ...leaf, unset: 0n } : null));
    const unset = parseInteger(value?.text ?? '');
    if (unset === null) return null;
    if (plan.kind !== 'struct') return onNumber(plan, (number) => withUnset(number, number, unset));
    // A struct that is not shown as one value has no text that could be left out.
    return plan.display === undefined ? null : withUnset(plan, plan.fields[0].plan, unset);
  },
  varies: (plan, hint) => {
    const [name = '', local] = hint.arguments.map((argument) => argument.text);
    const fits = local === undefined || (local === 'local' && hint.arguments.length === 2);
    return fits ? onVariable(plan, { name, isLocal: local !== undefined }) : null;
  },
  handle: (plan) => onOpaque(plan, (opaque) => ({ ...opaque, role: 'handle' })),
  data: (plan) => onOpaque(plan, (opaque) => ({ ...opaque, role: 'data' })),
  payload: (plan, hint) => {
    const payload = hint.arguments[0]?.text;
    const fits = plan.kind === 'struct' && payload !== undefined && plan.fields.every(({ name }) => name !== payload);
    return fits ? { ...plan, payload } : null;
  },
  filename: (plan) => named(plan, 'filename'),
  path: (plan) => {
    if (plan.kind === 'string') return { ...plan, role: 'path' };
    return plan.kind === 'array' && plan.element.kind === 'string' ? { ...plan, role: 'path' } : null;
  },
  body: (plan, hint) => (isVariableOpaque(plan) ? parseBody(plan, hint) : null),
  is: (plan, hint, scope) => {
    const [type, by, field] = hint.arguments.map((argument) => argument.text);
    if (!isVariableOpaque(plan)) return null;
    const element = scope.typePlan(type ?? '');
    if (element === undefined) return null;
    if (by === undefined) return { kind: 'typed', element, max: plan.max };
    return by === 'by' && element.kind === 'union' && field !== undefined && scope.isField(field)
      ? { kind: 'chosen', union: element, by: field, max: plan.max }
      : null;
  },
  terminated: (plan) => onElements(plan, (leaf) => (leaf.kind === 'string' ? { ...leaf, isTerminated: true } : null)),
  dictionary: (plan) => (isVariableOpaque(plan) ? { kind: 'typed', element: DICTIONARY, max: plan.max } : null),
  bitmap: (plan, hint, scope) => {
    const names = scope.bitNames(hint.arguments[0]?.text ?? '');
    if (names === undefined || plan.kind !== 'array' || plan.element.kind !== 'unsigned' || plan.length >= 0)
      return null;
    return { kind: 'bitmap', max: plan.max, names, shortNames: withoutCommonWords(names) };
  },
};

/** Hints of a procedure that say what a successful reply teaches; `dissect` knows what they mean. */
export const LESSONS: ReadonlySet<string> = new Set([
  'root',
  'link',
  'unlink',
  'rename',
  'entries',
  'listing',
  'identity',
  'announce',
]);

/** Hints of a field that say something about its struct. */
export const MEMBER_HINTS: ReadonlySet<string> = new Set(['later', 'notice']);

/** The hints that are read in each place; for types and fields, those besides `FIELD_HINTS`. */
const PLACES = {
  program: new Set(['name', 'title', 'prefix', 'silent']),
  procedure: new Set([
    'name',
    'call',
    'reply',
    'operations',
    'minor',
    'subject',
    'saved',
    'unknown',
    'silent',
    ...LESSONS,
  ]),
  enum: new Set(['status', 'success']),
  'enum member': new Set<string>(),
  union: new Set(['text']),
  'field of a struct': MEMBER_HINTS,
  type: new Set(['text', 'source', 'target', 'status', 'success', 'error']),
};

/** Directives of which one argument is read; a template may have several, which are joined. */
const SINGLE: ReadonlySet<string> = new Set(['name', 'title', 'prefix', 'unknown', 'subject', 'error']);
const TEMPLATES: ReadonlySet<string> = new Set(['call', 'reply', 'text', 'source', 'target']);

/** Complains about hints that nobody reads in this place, and about arguments that are missing or too many. */
export function reportMisplaced(
  hints: readonly Hint[],
  place: keyof typeof PLACES,
  problem: HintScope['problem'],
): void {
  for (const hint of hints) {
    if (!PLACES[place].has(hint.name)) problem(hint, misplacedReason(hint.name));
    else reportArguments(hint, problem);
  }
}

function reportArguments(hint: Hint, problem: HintScope['problem']): void {
  const { name, arguments: given } = hint;
  if (TEMPLATES.has(name) && given.length === 0) problem(hint, `'${name}' has no template`);
  if (SINGLE.has(name) && given.length !== 1)
    problem(hint, `'${name}' takes one argument; a text with blanks needs quotes`);
}

function misplacedReason(name: string): string {
  const isHint = Object.hasOwn(FIELD_HINTS, name) || Object.values(PLACES).some((known) => known.has(name));
  return isHint ? `the hint '${name}' does not fit here` : `unknown hint '${name}'`;
}

/** Applies the hints of a field, or of a typedef. */
export function applyFieldHints(plan: Plan, hints: Hint[], scope: HintScope): Plan {
  let result = plan;
  for (const hint of inOrder(hints)) {
    const apply = Object.hasOwn(FIELD_HINTS, hint.name) ? FIELD_HINTS[hint.name] : undefined;
    if (apply === undefined) {
      reportMisplaced([hint], 'type', scope.problem);
      continue;
    }
    const changed = apply(result, hint, scope);
    if (changed === null) scope.problem(hint, `the hint '${hint.name}' does not fit here`);
    else result = changed;
  }
  return withStatus(result, hints, scope);
}

/** What depends on other hints of the same field comes behind them. */
function inOrder(hints: Hint[]): Hint[] {
  const isLate = (hint: Hint) => hint.name === 'unset';
  return hints.some(isLate) ? [...hints.filter((hint) => !isLate(hint)), ...hints.filter(isLate)] : hints;
}

/** The status mark that `status` and `success` make of an enum's or a number's values. */
export function statusOf(
  hints: Hint[],
  names: ReadonlyMap<number, string>,
  problem: HintScope['problem'],
): StatusMark | undefined {
  if (!hints.some((hint) => hint.name === 'status')) return undefined;
  const success = new Set<number>();
  for (const hint of hints.filter((candidate) => candidate.name === 'success')) {
    for (const { text } of hint.arguments) {
      const value = memberValue(text, names);
      if (value === undefined) problem(hint, `'${text}' is neither a number nor a member of this enum`);
      else success.add(value);
    }
  }
  return { success: success.size > 0 ? success : new Set([0]) };
}

function withStatus(plan: Plan, hints: Hint[], scope: HintScope): Plan {
  if (plan.kind !== 'enum' && plan.kind !== 'int' && plan.kind !== 'unsigned') return plan;
  const names = plan.kind === 'enum' ? plan.names : plan.display?.kind === 'enum' ? plan.display.names : undefined;
  const status = statusOf(hints, names ?? new Map(), scope.problem);
  if (status === undefined) return plan;
  if (names !== undefined) status.names = names;
  const error = hints.findLast((hint) => hint.name === 'error')?.arguments[0]?.text;
  if (error !== undefined) status.error = error;
  return { ...plan, status };
}

function memberValue(text: string, names: ReadonlyMap<number, string>): number | undefined {
  for (const [value, name] of names) if (name === text) return value;
  return /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** An integer of at most 64 bits. */
function parseInteger(text: string): bigint | null {
  return /^(-?\d{1,20}|0x[0-9a-f]{1,16})$/i.test(text) ? BigInt(text) : null;
}

function isWord(plan: Plan): boolean {
  return plan.kind === 'int' || plan.kind === 'unsigned';
}

function isWide(plan: Plan): boolean {
  return plan.kind === 'hyper' || plan.kind === 'unsignedHyper';
}

function showing(number: NumberPlan, display: Display): NumberPlan | null {
  return isWord(number) || (isWide(number) && WIDE_DISPLAYS.has(display.kind)) ? { ...number, display } : null;
}

/** `plan` with the value of `number`, itself or its first field, that means that there is none. */
function withUnset<T extends NumberPlan | StructPlan>(plan: T, number: Plan, unset: bigint): T | null {
  const bits = isWord(number) ? 32 : isWide(number) ? 64 : 0;
  const isInRange = BigInt.asIntN(bits, unset) === unset || BigInt.asUintN(bits, unset) === unset;
  return bits > 0 && isInRange ? { ...plan, unset } : null;
}

/** Changes a leaf, or those of arrays and optionals; null where `change` has nothing for it. */
function onElements(plan: Plan, change: (leaf: Plan) => Plan | null, passed = new Set<Plan>()): Plan | null {
  if (plan.kind !== 'array' && plan.kind !== 'optional') return change(plan);
  // An array may hold itself (`typedef tree tree<>`): there is no leaf then.
  if (passed.has(plan)) return null;
  const element = onElements(plan.element, change, passed.add(plan));
  return element && { ...plan, element };
}

function onNumber(plan: Plan, change: (number: NumberPlan) => NumberPlan | null): Plan | null {
  return onElements(plan, (leaf) => (isNumber(leaf) ? change(leaf) : null));
}

function isNumber(plan: Plan): plan is NumberPlan {
  return isWord(plan) || isWide(plan) || plan.kind === 'float' || plan.kind === 'double';
}

function onOpaque(plan: Plan, change: (opaque: OpaquePlan) => OpaquePlan): Plan | null {
  return onElements(plan, (leaf) => (leaf.kind === 'opaque' ? change(leaf) : null));
}

function onVariable(plan: Plan, varies: Variation): Plan | null {
  if (plan.kind === 'struct' || plan.kind === 'string') return { ...plan, varies };
  return onNumber(plan, (number) => ({ ...number, varies })) ?? onOpaque(plan, (opaque) => ({ ...opaque, varies }));
}

function named(plan: Plan, role: 'filename'): StringPlan | Plan | null {
  return plan.kind === 'string' ? { ...plan, role } : onOpaque(plan, (opaque) => ({ ...opaque, role }));
}

function isVariableOpaque(plan: Plan): plan is OpaquePlan {
  return plan.kind === 'opaque' && plan.length < 0;
}

function parseDisplay(hint: Hint, scope: HintScope): Display | null {
  const [kind, name] = hint.arguments.map((argument) => argument.text);
  const simple = DISPLAYS.find((display) => display === kind);
  if (simple !== undefined) return { kind: simple };
  const names = name === undefined ? undefined : scope.enumNames(name);
  if (names === undefined) return null;
  if (kind === 'enum') return { kind, names };
  return kind === 'flags' ? { kind, names: withoutCommonWords(names) } : null;
}

/** `show time nano`, `show duration micro`: seconds and their fraction, of 32 bits. */
function onTimes(plan: StructPlan, hint: Hint): Plan | null {
  const [kind, unit] = hint.arguments.map((argument) => argument.text);
  if (kind === 'stateid' && isStateid(plan)) return { ...plan, display: { kind } };
  const perSecond = unit === 'nano' ? 1_000_000_000 : unit === 'micro' ? 1_000_000 : null;
  if ((kind !== 'time' && kind !== 'duration') || perSecond === null || plan.fields.length !== 2) return null;
  const [{ plan: seconds }, { plan: fraction }] = plan.fields;
  const fits = (isWord(seconds) || isWide(seconds)) && isWord(fraction);
  return fits ? { ...plan, display: { kind, perSecond } } : null;
}

/** A sequence number and twelve bytes (RFC 8881 §3.3.12). */
function isStateid(plan: StructPlan): boolean {
  const [first, second] = plan.fields;
  return (
    plan.fields.length === 2 &&
    first.plan.kind === 'unsigned' &&
    second.plan.kind === 'opaque' &&
    second.plan.length === 12
  );
}

function onBytes(plan: Plan, display: Display): Plan | null {
  if (plan.kind === 'string' && display.kind === 'address') return { ...plan, display: { kind: 'address' } };
  if (plan.kind !== 'opaque') return null;
  const { kind } = display;
  return kind === 'address' || kind === 'port' || kind === 'hex' ? { ...plan, display: { kind } } : null;
}

const shortNames = new WeakMap<ReadonlyMap<number, string>, ReadonlyMap<number, string>>();

/** ACCESS3_READ, ACCESS3_LOOKUP → READ, LOOKUP. */
function withoutCommonWords(names: ReadonlyMap<number, string>): ReadonlyMap<number, string> {
  const known = shortNames.get(names) ?? makeShort(names);
  shortNames.set(names, known);
  return known;
}

function makeShort(names: ReadonlyMap<number, string>): ReadonlyMap<number, string> {
  const all = [...names.values()];
  let common = all[0]?.lastIndexOf('_') ?? -1;
  while (
    common >= 0 &&
    !all.every((name) => name.length > common + 1 && name.startsWith(all[0].slice(0, common + 1)))
  ) {
    common = common === 0 ? -1 : all[0].lastIndexOf('_', common - 1);
  }
  if (all.length < 2 || common < 0) return names;
  return new Map([...names].map(([value, name]) => [value, name.slice(common + 1)]));
}

/** `body call|reply program P version V procedure Q`. */
function parseBody(plan: OpaquePlan, hint: Hint): Plan | null {
  const words = hint.arguments.map((argument) => argument.text);
  const [direction, ...rest] = words;
  const operands = new Map<string, Operand>();
  for (let i = 0; i + 1 < rest.length; i += 2) operands.set(rest[i], parseOperand(rest[i + 1]));
  const [program, version, procedure] = ['program', 'version', 'procedure'].map((name) => operands.get(name));
  if ((direction !== 'call' && direction !== 'reply') || !program || !version || !procedure) return null;
  return { kind: 'body', max: plan.max, direction, program, version, procedure };
}

function parseOperand(text: string): Operand {
  if (/^(\d+|0x[0-9a-f]+)$/i.test(text)) return { kind: 'number', value: Number(text) };
  return text.startsWith('call.') ? { kind: 'call', path: text.slice(5) } : { kind: 'sibling', path: text };
}
