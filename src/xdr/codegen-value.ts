/**
 * Generated values: a plan becomes a function that makes plain JavaScript straight from XDR bytes; the compiled twin of `treeValue`.
 * Names of a `.x` are keys of object literals, JSON.stringify'd.
 */
import { ObjectCompiler, ObjectFunction } from './codegen-objects.js';
import { type BitmapPlan, bitNames, type EnumPlan, type FieldPlan, type Plan } from './plan.js';
import type { XdrValue } from './value.js';

export class ValueCompiler extends ObjectCompiler<XdrValue> {
  constructor(isEnabled = true) {
    super((cells) => new ValueFunction(cells), isEnabled);
  }
}

class ValueFunction extends ObjectFunction {
  // Values have no names and no offsets.

  protected memberName(): string {
    return '""';
  }

  protected elementName(): string {
    return '""';
  }

  protected start(): string {
    return '';
  }

  protected nothing(): string {
    return 'undefined';
  }

  protected enumerated(plan: EnumPlan, value: string): string {
    return `r.nameOf(${this.constant(plan.names)}, ${value})`;
  }

  protected text(from: string, to: string): string {
    return `s.t.toString("utf8", ${from}, ${to})`;
  }

  protected bytes(from: string, to: string): string {
    return `r.copy(b, ${from}, ${to})`;
  }

  protected bits(plan: BitmapPlan, from: string, to: string): string {
    return `${this.constant(bitNames)}(${this.constant(plan)}, b.subarray(${from}, ${to}))`;
  }

  protected leaf(_plan: Plan, _name: string, _at: string, _size: string, value: string): string {
    return value;
  }

  protected optional(_plan: Plan, _name: string, _start: string, content: string | null): string {
    return content ?? 'null';
  }

  protected sequence(_plan: Plan, _name: string, _start: string, elements: string): string {
    return elements;
  }

  protected object(_plan: Plan, _name: string, _start: string, members: [field: FieldPlan, made: string][]): string {
    const shown = members.filter(([field]) => field.plan.kind !== 'void');
    return `{ ${shown.map(([field, made]) => `${key(field.name)}: ${made}`).join(', ')} }`;
  }
}

/**
 * A key of an object literal. `__proto__` makes a property only as a computed key; other keys are faster as they are.
 */
function key(name: string): string {
  return name === '__proto__' ? `[${JSON.stringify(name)}]` : JSON.stringify(name);
}
