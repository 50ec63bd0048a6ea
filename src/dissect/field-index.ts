/**
 * The fields of all programs' bodies as plain data: names, and how values are written, but not how they lie in bytes.
 * The build writes it beside the dissectors, so that a filter's names are checked without reading a `.x`. Shapes (of
 * fields here, not of compounds) refer to each other by number, so that types that hold themselves stay small.
 */
import {
  armsOf,
  type FieldPlan,
  freeName,
  holdsData,
  membersOfBody,
  type Plan,
  type ProgramPlan,
} from '../xdr/plan.js';
import { findStatus } from './status.js';

/** `fields` may have several shapes under a name: arms of a union. `any` is another program's body. */
export type Shape =
  | { leaf: 'number' | 'duration' | 'time' | 'bytes' | 'string' | 'boolean' }
  | { leaf: 'name'; names: string[] }
  | { fields: Record<string, number[]>; alternatives?: number[] }
  | { element: number }
  | { any: true };

export interface ProgramFields {
  name: string;
  number: number;
  version: number;
  procedures: { name: string; arguments: number; result: number }[];
  /** Names of the status words, and of the operations of a compound. */
  statuses: string[];
  operations: string[];
}

export interface FieldIndex {
  shapes: Shape[];
  programs: ProgramFields[];
}

/** Indexes the plans of programs. */
export function makeFieldIndex(plans: Iterable<ProgramPlan>): FieldIndex {
  const builder = new IndexBuilder();
  for (const plan of plans) builder.add(plan);
  return { shapes: builder.shapes, programs: builder.programs };
}

class IndexBuilder {
  readonly shapes: Shape[] = [];
  readonly programs: ProgramFields[] = [];
  private readonly numbers = new Map<Plan, number>();
  private readonly leaves = new Map<string, number>();

  add(plan: ProgramPlan): void {
    const statuses = new Set<string>();
    const operations = new Set<string>();
    // Procedures are compiled when they are asked for, one by one.
    const procedures = [...plan.procedures.keys()].map((number) => {
      const procedure = plan.procedures.get(number)!;
      for (const status of statusNames(procedure.result)) statuses.add(status);
      if (procedure.operations !== null) {
        for (const name of operationNames(
          procedure.arguments,
          procedure.operations.call,
          procedure.operations.prefix,
        )) {
          operations.add(name);
        }
        for (const status of operationStatuses(procedure.result, procedure.operations.reply)) statuses.add(status);
      }
      return {
        name: procedure.name,
        arguments: this.shapeOf(procedure.arguments),
        result: this.shapeOf(procedure.result),
      };
    });
    const { name, number, version } = plan;
    this.programs.push({ name, number, version, procedures, statuses: [...statuses], operations: [...operations] });
  }

  private shapeOf(plan: Plan): number {
    if (plan.kind === 'optional' || plan.kind === 'typed') return this.shapeOf(plan.element);
    const known = this.numbers.get(plan);
    if (known !== undefined) return known;
    const leaf = leafOf(plan);
    if (leaf !== null) return this.leaf(leaf);
    const number = this.shapes.push({ any: true }) - 1;
    this.numbers.set(plan, number);
    this.shapes[number] = this.composite(plan);
    return number;
  }

  private leaf(shape: Shape): number {
    const key = JSON.stringify(shape);
    let number = this.leaves.get(key);
    if (number === undefined) {
      number = this.shapes.push(shape) - 1;
      this.leaves.set(key, number);
    }
    return number;
  }

  private composite(plan: Plan): Shape {
    switch (plan.kind) {
      case 'array':
      case 'list':
      case 'dictionary':
        return { element: this.shapeOf(plan.element) };
      case 'struct':
      case 'union':
        return { fields: this.fields(membersOfBody(plan)) };
      case 'chosen': {
        // A bitmap chooses several values, each with a name; a number chooses one, which has no name of its own.
        const arms = armsOf(plan.union);
        return { fields: this.fields(arms), alternatives: arms.map((arm) => this.shapeOf(arm.plan)) };
      }
      case 'void':
        return { fields: {} };
      default:
        return { any: true };
    }
  }

  private fields(fields: readonly FieldPlan[]): Record<string, number[]> {
    const shapes = new Map<string, Set<number>>();
    const add = (name: string, shape: number) => shapes.set(name, (shapes.get(name) ?? new Set()).add(shape));
    for (const { name, plan } of fields) {
      add(name, this.shapeOf(plan));
      if (holdsData(plan)) add(freeName(`${name}_length`, fields), this.leaf({ leaf: 'number' }));
    }
    return Object.fromEntries([...shapes].map(([name, numbers]) => [name, [...numbers]]));
  }
}

/** The shape of a value that has no fields; null where it has. */
function leafOf(plan: Plan): Shape | null {
  switch (plan.kind) {
    case 'int':
    case 'unsigned': {
      const names = plan.status?.names ?? (plan.display?.kind === 'enum' ? plan.display.names : undefined);
      return names === undefined ? { leaf: 'number' } : { leaf: 'name', names: [...names.values()] };
    }
    case 'hyper':
    case 'unsignedHyper':
    case 'float':
    case 'double':
      return { leaf: 'number' };
    case 'bool':
      return { leaf: 'boolean' };
    case 'enum':
      return { leaf: 'name', names: [...plan.names.values()] };
    case 'bitmap':
      return { leaf: 'name', names: [...plan.names.values()] };
    case 'string':
      return { leaf: 'string' };
    case 'opaque':
    case 'quadruple':
    case 'rest':
      return { leaf: 'bytes' };
    default:
      return null;
  }
}

function statusNames(result: Plan): Iterable<string> {
  const plan = findStatus(result)?.plan;
  const names = plan?.status?.names ?? (plan?.kind === 'enum' ? plan.names : undefined);
  return names?.values() ?? [];
}

function operationUnion(root: Plan, array: string): Plan | undefined {
  const field = root.kind === 'struct' ? root.fields.find(({ name }) => name === array) : undefined;
  return field?.plan.kind === 'array' ? field.plan.element : undefined;
}

function operationNames(root: Plan, array: string, prefix: string): string[] {
  const union = operationUnion(root, array);
  const names = union?.kind === 'union' && union.discriminant.plan.kind === 'enum' ? union.discriminant.plan.names : [];
  return [...new Map(names).values()].map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name));
}

function* operationStatuses(root: Plan, array: string): Generator<string> {
  const union = operationUnion(root, array);
  for (const arm of union?.kind === 'union' ? armsOf(union) : []) yield* statusNames(arm.plan);
}
