/**
 * The case values of unions (RFC 4506 §4.15), checked once all types are known: the discriminant must be an int, unsigned int,
 * enum or bool, also through typedefs; a value stands once, and is one that the discriminant can have.
 */
import type { Constants } from './constants.js';
import type { DiagnosticCode, Diagnostics } from './diagnostics.js';
import type { EnumType, Span, TypeDefinition, UnionType, XdrType } from './model.js';
import { whereIs } from './names.js';
import type { ArmSyntax, Expression, UnionSyntax } from './syntax.js';

/** Stands for a type that could not be resolved, which was reported. */
export const unresolved: XdrType = { kind: 'void' };

const typeNames: Record<string, string> = {
  hyper: 'a hyper',
  unsignedHyper: 'an unsigned hyper',
  string: 'a string',
  opaqueFixed: 'an opaque',
  opaqueVariable: 'an opaque',
  arrayFixed: 'an array',
  arrayVariable: 'an array',
  optional: 'an optional',
  struct: 'a struct',
  union: 'a union',
};

/** The arms that have values: not one that is only the default. */
export function labelledArms(syntax: UnionSyntax): ArmSyntax[] {
  return syntax.arms.filter((arm) => arm.labels.length > 0);
}

export class UnionChecker {
  private readonly underlying = new Map<TypeDefinition, XdrType>();
  private readonly values = new Map<EnumType, Set<number>>();

  constructor(
    private readonly constants: Constants,
    private readonly diagnostics: Diagnostics,
  ) {}

  /** Fills in the values of the arms of `union`. */
  check(union: UnionType, syntax: UnionSyntax): void {
    const type = this.resolve(union.discriminant.type);
    const isUsable = this.checkDiscriminant(type, syntax);
    const seen = new Map<number, Span>();
    for (const [index, arm] of labelledArms(syntax).entries()) {
      for (const label of arm.labels) {
        const value = this.constants.number(label);
        if (value === undefined || !isUsable) continue;
        const number = this.caseValue(value, type, label, syntax);
        if (number !== null && this.isNew(number, label, seen)) union.arms[index].values.push(number);
      }
    }
  }

  private checkDiscriminant(type: XdrType, { discriminant }: UnionSyntax): boolean {
    if (type === unresolved) return false;
    if (['int', 'unsigned', 'bool', 'enum'].includes(type.kind)) return true;
    this.diagnostics.report('discriminant-type', discriminant.specifier.span, {
      type: typeNames[type.kind] ?? `a ${type.kind}`,
    });
    return false;
  }

  private caseValue(value: bigint, type: XdrType, label: Expression, { discriminant }: UnionSyntax): number | null {
    const name = discriminant.name!;
    if (type.kind === 'bool' && value !== 0n && value !== 1n) return this.refuse('case-not-bool', label, name, value);
    if (value < -(2n ** 31n) || value >= 2n ** 32n) return this.refuse('case-range', label, name, value);
    if (type.kind === 'unsigned') return Number(BigInt.asUintN(32, value));
    const number = Number(BigInt.asIntN(32, value));
    if (type.kind !== 'enum' || this.valuesOf(type).has(number)) return number;
    return this.refuse('case-not-in-enum', label, name, value);
  }

  private refuse(code: DiagnosticCode, label: Expression, name: string, value: bigint): null {
    this.diagnostics.report(code, label.span, { name, value: label.kind === 'name' ? label.name : value });
    return null;
  }

  private isNew(value: number, { span }: Expression, seen: Map<number, Span>): boolean {
    const first = seen.get(value);
    if (!first) seen.set(value, span);
    else if (!this.diagnostics.full) {
      this.diagnostics.report('duplicate-case', span, { value, where: whereIs(first, span) });
    }
    return !first;
  }

  private valuesOf(type: EnumType): Set<number> {
    const known = this.values.get(type);
    if (known) return known;
    const values = new Set(type.members.map((member) => member.value));
    this.values.set(type, values);
    return values;
  }

  /** What typedefs lead to; `unresolved` when they lead round in a circle. */
  private resolve(type: XdrType): XdrType {
    const passed: TypeDefinition[] = [];
    let at = type;
    while (at.kind === 'named' && !this.underlying.has(at.definition)) {
      this.underlying.set(at.definition, unresolved);
      passed.push(at.definition);
      at = at.definition.type;
    }
    const end = at.kind === 'named' ? this.underlying.get(at.definition)! : at;
    for (const definition of passed) this.underlying.set(definition, end);
    return end;
  }
}
