/**
 * Bounds how types refer to each other, so that whatever walks them behind the front end ends, and needs little stack.
 * Refused are cycles in which only typedefs, optionals and fixed arrays refer to each other: no field, arm or count
 * stands between a type and itself, so that nothing tells one level from the next. Refused too are types nested deeper
 * than MAX_TYPE_NESTING. The hint `is TYPE` refers to a type like a typedef does.
 */
import { MAX_TYPE_NESTING } from '../limits/xdr.js';
import type { Diagnostics } from './diagnostics.js';
import { fieldsOf, type Hint, type TypeDefinition, type XdrType } from './model.js';
import { pathText } from './recursion.js';

type Types = ReadonlyMap<string, TypeDefinition>;
type ReferencesOf = (definition: TypeDefinition) => Iterable<TypeDefinition>;

/** @param infinite Definitions with an error already. */
export function reportNesting(types: Types, infinite: ReadonlySet<TypeDefinition>, diagnostics: Diagnostics): void {
  reportBareCycles(types, infinite, diagnostics);
  const heights = new Map<TypeDefinition, number>();
  const referencesOf: ReferencesOf = ({ type, hints }) => [...hinted(hints, types), ...references(type, types)];
  // Types come before those that refer to them. In a cycle, a walk may pass all of its types one within the other.
  for (const group of cyclesOf(types, referencesOf)) {
    let below = 0;
    for (const member of group) {
      for (const part of referencesOf(member)) below = Math.max(below, heights.get(part) ?? 0);
    }
    const height = group.reduce((sum, { type }) => sum + ownNesting(type), below);
    if (height > MAX_TYPE_NESTING) {
      diagnostics.report('types-too-deep', group[0].span, { name: group[0].name, limit: MAX_TYPE_NESTING });
      return;
    }
    for (const member of group) heights.set(member, height);
  }
}

function reportBareCycles(types: Types, infinite: ReadonlySet<TypeDefinition>, diagnostics: Diagnostics): void {
  const aliasesOf: ReferencesOf = (definition) => aliases(definition, types);
  for (const group of cyclesOf(types, aliasesOf)) {
    const [first] = group;
    const isCycle = group.length > 1 || [...aliasesOf(first)].includes(first);
    if (!isCycle || group.some((member) => infinite.has(member))) continue;
    diagnostics.report('bare-cycle', first.span, { name: first.name, path: pathText(group) });
  }
}

/** The types that a definition stands for, through optionals and fixed arrays; none for one with members or a count. */
function* aliases({ type, hints }: TypeDefinition, types: Types): Generator<TypeDefinition> {
  let end = type;
  while (end.kind === 'optional' || end.kind === 'arrayFixed') end = end.element;
  if (end.kind === 'struct' || end.kind === 'union' || end.kind === 'enum' || end.kind === 'arrayVariable') return;
  if (end.kind === 'named') yield end.definition;
  yield* hinted(hints, types);
}

/** The types of the hints `is TYPE`. */
function* hinted(hints: readonly Hint[], types: Types): Generator<TypeDefinition> {
  for (const { name, arguments: words } of hints) {
    const definition = name === 'is' && words.length > 0 ? types.get(words[0].text) : undefined;
    if (definition !== undefined) yield definition;
  }
}

/** All definitions that a type refers to. */
function* references(type: XdrType, types: Types): Generator<TypeDefinition> {
  if (type.kind === 'named') yield type.definition;
  else if ('element' in type) yield* references(type.element, types);
  for (const field of fieldsOf(type)) {
    yield* hinted(field.hints, types);
    yield* references(field.type, types);
  }
}

/** Levels of a type, without those of the definitions that it refers to. */
function ownNesting(type: XdrType): number {
  if ('element' in type) return 1 + ownNesting(type.element);
  return 1 + fieldsOf(type).reduce((most, field) => Math.max(most, ownNesting(field.type)), 0);
}

/** A definition on the way that `cyclesOf` goes. */
interface Visit {
  definition: TypeDefinition;
  parts: Iterator<TypeDefinition>;
  /** The place of the first definition of its cycle, as far as it is known. */
  first: number;
}

/**
 * The definitions in groups: those of one cycle together, any other alone; what a group refers to comes before it
 * (Tarjan's algorithm for strongly connected components). It keeps its own stack: chains may be of any length.
 */
function* cyclesOf(types: Types, referencesOf: ReferencesOf): Generator<TypeDefinition[]> {
  const places = new Map<TypeDefinition, number>();
  const grouped = new Set<TypeDefinition>();
  const open: TypeDefinition[] = [];
  const way: Visit[] = [];
  const enter = (definition: TypeDefinition) => {
    way.push({ definition, parts: referencesOf(definition)[Symbol.iterator](), first: places.size });
    places.set(definition, places.size);
    open.push(definition);
  };
  for (const start of types.values()) {
    if (!places.has(start)) enter(start);
    for (let visit = way.at(-1); visit !== undefined; visit = way.at(-1)) {
      const part = visit.parts.next();
      if (!part.done) {
        const place = places.get(part.value);
        if (place === undefined) enter(part.value);
        else if (!grouped.has(part.value)) visit.first = Math.min(visit.first, place);
        continue;
      }
      way.pop();
      const { definition, first } = visit;
      const around = way.at(-1);
      if (around !== undefined) around.first = Math.min(around.first, first);
      if (first < places.get(definition)!) continue;
      const group = open.splice(open.lastIndexOf(definition));
      for (const member of group) grouped.add(member);
      yield group;
    }
  }
}
