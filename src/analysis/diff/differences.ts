/** Two exchanges that are each other's counterpart, compared field by field. Names are related as they are met. */
import type { Aliases, Contradiction, Place } from './aliases.js';
import type { ComparedExchange } from './exchange.js';
import type { Field } from './field.js';

/** A field that differs: on one side only, of another value, or a name that stood for something else before. */
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
  return new Comparison(expected.handles[0] ?? '', actual.handles[0] ?? '', aliases).run(expected, actual);
}

class Comparison {
  private readonly found: FieldDifference[] = [];

  constructor(
    private readonly expectedScope: string,
    private readonly actualScope: string,
    private readonly aliases: Aliases,
  ) {}

  run(expected: ComparedExchange, actual: ComparedExchange): FieldDifference[] {
    this.members('', expected.call, actual.call);
    if (expected.isAnswered !== actual.isAnswered)
      this.members('', expected.stats.slice(0, 1), actual.stats.slice(0, 1));
    else if (!this.differ(expected.stats, actual.stats)) this.members('', expected.reply, actual.reply);
    return this.found;
  }

  /** Compares these; true where something differs. */
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

  /** A union with another discriminant: what its arms hold cannot be compared. */
  private choosesOther(path: string, expected: Field | undefined, actual: Field | undefined): boolean {
    if (expected === undefined || actual === undefined || this.agree(expected, actual)) return false;
    this.add(`${path}.${expected.name}`, expected, actual);
    return true;
  }

  private members(prefix: string, expected: readonly Field[], actual: readonly Field[]): void {
    for (const [index, field] of expected.entries()) {
      const other = memberNamed(actual, field.name, index);
      if (other === undefined) this.add(prefix + field.name, field, undefined);
      else this.field(prefix + field.name, field, other);
    }
    for (const [index, field] of actual.entries()) {
      if (memberNamed(expected, field.name, index) === undefined) this.add(prefix + field.name, undefined, field);
    }
  }

  /** Elements by their place; where one sequence is longer, what they begin and end with alike is left aside. */
  private elements(path: string, expected: readonly Field[], actual: readonly Field[]): void {
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

  /** True where nothing differs; relates no names. */
  private agree(expected: Field, actual: Field): boolean {
    switch (expected.kind) {
      case 'varying':
        return actual.kind === 'varying';
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

/** A member by its name: mostly at the same place. */
function memberNamed(members: readonly Field[], name: string, index: number): Field | undefined {
  const there = members[index];
  return there?.name === name ? there : members.find((member) => member.name === name);
}
