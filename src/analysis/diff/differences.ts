/**
 * Compares two paired exchanges field by field, and relates their names on the way. Where bytes of
 * one are missing, fields that only the other has are no difference.
 */
import type { Aliases, Contradiction, Place } from './aliases.js';
import type { ComparedExchange } from './exchange.js';
import { type Field, isCut } from './field.js';
import type { ExchangeFields, PackedFields } from './packed-fields.js';

/**
 * A field that differs: it is on one side only, has another value, or is a name that stood for something else before.
 */
export interface FieldDifference {
  /** A record path: `result.resok.object.data`. */
  path: string;
  expected: Field | undefined;
  actual: Field | undefined;
  contradiction: Contradiction | null;
}

/** All fields that differ between two exchanges, in the order of the expected one. */
export function differencesOf(
  expected: ComparedExchange,
  actual: ComparedExchange,
  aliases: Aliases,
): FieldDifference[] {
  const comparison = new Comparison(expected.handles[0] ?? '', actual.handles[0] ?? '', aliases);
  const isSame = expected.fields.isLike(actual.fields) && !expected.fields.choosesByName;
  if (!isSame) return comparison.run(expected, actual);
  return comparison.relateNames(expected.fields, actual.fields);
}

class Comparison {
  private readonly found: FieldDifference[] = [];

  constructor(
    private readonly expectedScope: string,
    private readonly actualScope: string,
    private readonly aliases: Aliases,
  ) {}

  /** Compares exchanges that can differ in names only. */
  relateNames(expected: PackedFields, actual: PackedFields): FieldDifference[] {
    const [names, others] = [expected.nameReader(), actual.nameReader()];
    for (let index = 0; names.next() && others.next(); index++) {
      const contradiction = this.aliases.relate(names.placeIn(this.expectedScope), others.placeIn(this.actualScope));
      if (contradiction === null) continue;
      const { path, field } = nameAt(expected.all, index);
      this.found.push({ path, expected: field, actual: nameAt(actual.all, index).field, contradiction });
    }
    return this.found;
  }

  run(expected: ComparedExchange, actual: ComparedExchange): FieldDifference[] {
    const [own, other] = [expected.fields.all, actual.fields.all];
    this.members('', own.call, other.call);
    if (expected.isAnswered !== actual.isAnswered) this.members('', own.stats.slice(0, 1), other.stats.slice(0, 1));
    else if (!this.differ(own.stats, other.stats)) this.members('', own.reply, other.reply);
    return this.found;
  }

  /** Compares fields; true if some differ. */
  private differ(expected: readonly Field[], actual: readonly Field[]): boolean {
    const before = this.found.length;
    this.members('', expected, actual);
    return this.found.length > before;
  }

  private field(path: string, expected: Field, actual: Field): void {
    if (expected.kind === 'members' && actual.kind === 'members') {
      if (expected.isUnion && this.choosesOther(path, expected.members[0], actual.members[0])) return;
      this.members(`${path}.`, expected.members, actual.members);
    } else if (expected.kind === 'elements' && actual.kind === 'elements') {
      this.elements(path, expected.elements, actual.elements);
    } else if (expected.kind === 'alias' && actual.kind === 'alias') {
      const contradiction = this.aliases.relate(...this.places(expected, actual));
      if (contradiction !== null) this.found.push({ path, expected, actual, contradiction });
    } else if (!this.agree(expected, actual)) this.add(path, expected, actual);
  }

  /** A union with another discriminant is one difference: its arms cannot be compared. */
  private choosesOther(path: string, expected: Field | undefined, actual: Field | undefined): boolean {
    if (expected === undefined || actual === undefined || this.agree(expected, actual)) return false;
    this.add(`${path}.${expected.name}`, expected, actual);
    return true;
  }

  private members(prefix: string, expected: readonly Field[], actual: readonly Field[]): void {
    for (const [index, field] of expected.entries()) {
      const other = memberNamed(actual, field.name, index);
      if (other !== undefined) this.field(prefix + field.name, field, other);
      else if (field.kind !== 'cut' && !isCut(actual)) this.add(prefix + field.name, field, undefined);
    }
    if (isCut(expected)) return;
    for (const [index, field] of actual.entries()) {
      const isExtra = field.kind !== 'cut' && memberNamed(expected, field.name, index) === undefined;
      if (isExtra) this.add(prefix + field.name, undefined, field);
    }
  }

  /**
   * Compares elements by index. Where one sequence is longer, their
   * common beginning and end are not compared by index but skipped.
   */
  private elements(path: string, expected: readonly Field[], actual: readonly Field[]): void {
    if (isCut(expected) || isCut(actual)) {
      this.members(path, expected, actual);
      return;
    }
    if (expected.length === actual.length) {
      for (const [index, field] of expected.entries()) this.field(`${path}[${index}]`, field, actual[index]);
      return;
    }
    const shorter = Math.min(expected.length, actual.length);
    let start = 0;
    while (start < shorter && this.agree(expected[start], actual[start])) start++;
    let end = 0;
    while (end < shorter - start && this.agree(expected.at(-1 - end)!, actual.at(-1 - end)!)) end++;
    for (let index = 0; index < expected.length; index++) {
      const isInMiddle = index >= start && index < expected.length - end;
      const other = index < expected.length - end ? index : index + actual.length - expected.length;
      const isMissing = isInMiddle && index >= actual.length - end;
      if (isMissing) this.add(`${path}[${index}]`, expected[index], undefined);
      else this.field(`${path}[${index}]`, expected[index], actual[other]);
    }
    for (let index = Math.max(start, expected.length - end); index < actual.length - end; index++) {
      this.add(`${path}[${index}]`, undefined, actual[index]);
    }
  }

  private add(path: string, expected: Field | undefined, actual: Field | undefined): void {
    this.found.push({ path, expected, actual, contradiction: null });
  }

  /** True if nothing differs; relates no names. */
  private agree(expected: Field, actual: Field): boolean {
    if (actual.kind === 'cut') return true;
    switch (expected.kind) {
      case 'varying':
        return actual.kind === 'varying';
      case 'cut':
        return true;
      case 'value':
        return actual.kind === 'value' && Object.is(expected.value, actual.value);
      case 'alias':
        return actual.kind === 'alias' && this.aliases.agree(...this.places(expected, actual));
      case 'members':
        return actual.kind === 'members' && this.allAgree(expected.members, actual.members);
      case 'elements':
        return actual.kind === 'elements' && this.allAgree(expected.elements, actual.elements);
    }
  }

  private allAgree(expected: readonly Field[], actual: readonly Field[]): boolean {
    return (
      expected.length === actual.length &&
      expected.every((field, index) => field.name === actual[index].name && this.agree(field, actual[index]))
    );
  }

  private places(expected: Field & { kind: 'alias' }, actual: Field & { kind: 'alias' }): [Place, Place] {
    return [
      { alias: expected.alias, value: expected.value, scope: this.expectedScope },
      { alias: actual.alias, value: actual.value, scope: this.actualScope },
    ];
  }
}

/** The n-th name of an exchange, from 0, and its path. */
function nameAt({ call, stats, reply }: ExchangeFields, n: number): { path: string; field: Field } {
  let left = n;
  for (const found of namesOf('', [...call, ...stats, ...reply])) if (left-- === 0) return found;
  throw new RangeError(`an exchange has no name ${n}`);
}

function* namesOf(prefix: string, members: readonly Field[]): Generator<{ path: string; field: Field }> {
  for (const field of members) {
    const path = prefix + field.name;
    if (field.kind === 'alias') yield { path, field };
    else if (field.kind === 'members') yield* namesOf(`${path}.`, field.members);
    else if (field.kind === 'elements') yield* namesOfElements(path, field.elements);
  }
}

function* namesOfElements(path: string, elements: readonly Field[]): Generator<{ path: string; field: Field }> {
  for (const [index, element] of elements.entries()) {
    for (const { path: inside, field } of namesOf('', [element])) {
      yield { path: `${path}[${index}]${inside.slice(element.name.length)}`, field };
    }
  }
}

/** A member by its name; mostly it has the same index. */
function memberNamed(members: readonly Field[], name: string, index: number): Field | undefined {
  const there = members[index];
  return there?.name === name ? there : members.find((member) => member.name === name);
}
