/**
 * Finds infinite types, of which no value can end: those that contain themselves by value, directly or through structs,
 * fixed arrays and every arm of a union. An optional, a variable array or one arm that ends makes recursion sound (RFC
 * 4506 §4.19). Linear in the size of the types: a type settles once the parts that it waits for have settled, and a
 * type that never settles is infinite.
 */
import type { Diagnostics } from './diagnostics.js';
import type { TypeDefinition, XdrType } from './model.js';

const MAX_PATH_SHOWN = 6;

/** Something that can end once `waiting` of its parts can. */
interface Node {
  waiting: number;
  usedBy: Node[];
}

/** Complains once about each cycle; returns all infinite types. */
export function reportInfiniteTypes(definitions: TypeDefinition[], diagnostics: Diagnostics): Set<TypeDefinition> {
  const infinite = infiniteTypes(definitions);
  const seen = new Set<TypeDefinition>();
  for (const definition of definitions) {
    const path: TypeDefinition[] = [];
    let at: TypeDefinition | null = infinite.has(definition) ? definition : null;
    for (; at && !seen.has(at); at = partAmong(at.type, infinite)) {
      seen.add(at);
      path.push(at);
    }
    const start = at ? path.indexOf(at) : -1;
    if (start >= 0) report(path.slice(start), diagnostics);
  }
  return infinite;
}

function report(cycle: TypeDefinition[], diagnostics: Diagnostics): void {
  const [{ name, span }] = cycle;
  diagnostics.report('infinite-type', span, { name, path: pathText(cycle) });
}

/** The way round a cycle: `a → b → a`. */
export function pathText(cycle: TypeDefinition[]): string {
  const names = cycle.slice(0, MAX_PATH_SHOWN).map(({ name }) => name);
  if (cycle.length > MAX_PATH_SHOWN) names.push('…');
  return [...names, cycle[0].name].join(' → ');
}

function infiniteTypes(definitions: TypeDefinition[]): Set<TypeDefinition> {
  const graph = new Graph();
  for (const definition of definitions) graph.add(definition);
  return graph.settle();
}

class Graph {
  private readonly nodes = new Map<TypeDefinition, Node>();
  private readonly settled: Node[] = [];

  add(definition: TypeDefinition): void {
    const part = this.part(definition.type);
    const node = this.definitionNode(definition);
    if (part) part.usedBy.push(node);
    else this.settled.push(node);
  }

  /** The definitions that never settle. */
  settle(): Set<TypeDefinition> {
    for (let node = this.settled.pop(); node; node = this.settled.pop()) {
      node.waiting = 0;
      for (const user of node.usedBy) if (user.waiting > 0 && --user.waiting === 0) this.settled.push(user);
    }
    return new Set([...this.nodes].filter(([, node]) => node.waiting > 0).map(([definition]) => definition));
  }

  private definitionNode(definition: TypeDefinition): Node {
    const known = this.nodes.get(definition);
    if (known) return known;
    const node = { waiting: 1, usedBy: [] };
    this.nodes.set(definition, node);
    return node;
  }

  /** What must settle before a value of this type can end; null for nothing. */
  private part(type: XdrType): Node | null {
    switch (type.kind) {
      case 'named':
        return this.definitionNode(type.definition);
      case 'arrayFixed':
        return type.length === 0 ? null : this.part(type.element);
      case 'struct':
        return this.all(type.fields.map((field) => this.part(field.type)));
      case 'union':
        return this.any(armTypes(type).map((arm) => this.part(arm)));
      default:
        return null;
    }
  }

  private all(parts: (Node | null)[]): Node | null {
    const open = parts.filter((part) => part !== null);
    return open.length === 0 ? null : this.node(open.length, open);
  }

  private any(parts: (Node | null)[]): Node | null {
    const open = parts.filter((part) => part !== null);
    return open.length < parts.length || open.length === 0 ? null : this.node(1, open);
  }

  private node(waiting: number, parts: Node[]): Node {
    const node = { waiting, usedBy: [] };
    for (const part of parts) part.usedBy.push(node);
    return node;
  }
}

function armTypes(type: Extract<XdrType, { kind: 'union' }>): XdrType[] {
  const arms = type.arms.map((arm) => arm.field);
  if (type.defaultArm !== undefined) arms.push(type.defaultArm);
  return arms.map((field) => field?.type ?? { kind: 'void' });
}

/** The first definition of `among` that a value of this type holds. */
function partAmong(type: XdrType, among: Set<TypeDefinition>): TypeDefinition | null {
  switch (type.kind) {
    case 'named':
      return among.has(type.definition) ? type.definition : null;
    case 'arrayFixed':
      return type.length === 0 ? null : partAmong(type.element, among);
    case 'struct':
      return firstOf(
        type.fields.map((field) => field.type),
        among,
      );
    case 'union':
      return firstOf(armTypes(type), among);
    default:
      return null;
  }
}

function firstOf(types: XdrType[], among: Set<TypeDefinition>): TypeDefinition | null {
  for (const type of types) {
    const found = partAmong(type, among);
    if (found) return found;
  }
  return null;
}
