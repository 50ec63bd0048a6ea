/** Fields of arguments and results: `args.what.name`, `result…`, `..name`. */
import type { Dissection } from '../dissect/dissection.js';
import type { FieldSource } from '../dissect/field-source.js';
import type { Operation, OperationKind, Shape } from '../dissect/operation-shapes.js';
import { CALL } from '../rpc/message.js';
import type { Plan } from '../xdr/plan.js';
import type { Field, Kind } from './field.js';
import { type Body, type Finder, makeFinder } from './finder.js';
import { reaches, withOperation } from './plan-path.js';
import type { PathStep } from './syntax.js';
import type { IsAsked, Place, Side, Vocabulary } from './vocabulary.js';

/** A path that leads nowhere at one of its steps; `known` are the names that exist there. */
export class UnknownStep {
  constructor(
    readonly index: number,
    readonly known: ReadonlySet<string>,
  ) {}
}

/**
 * A field of the arguments, of the result, or of both (`side` null: the path begins at any depth), in all
 * programs or in those that are asked for.
 */
export function bodyField(
  vocabulary: Vocabulary,
  side: Side | null,
  steps: readonly PathStep[],
  isAsked?: IsAsked,
): Field | UnknownStep {
  const sides: readonly Side[] = side === null ? ['args', 'result'] : [side];
  const roots = sides.flatMap((each) => vocabulary.roots(each, isAsked));
  const places = followPlaces(vocabulary, roots, steps);
  if (places instanceof UnknownStep) return places;
  const finders = new Finders(steps);
  const compounds = new Compounds(steps);
  return {
    ...kindsOf(vocabulary, places),
    isHeader: false,
    compile: (tests) => (dissection, source) => {
      const isCall = dissection.message.type === CALL;
      if (dissection.plan === null || (side !== null && isCall !== (side === 'args'))) return false;
      const find = finders.of(dissection.plan);
      if (find === null || !compounds.mayHave(dissection)) return false;
      return find(bodyOf(dissection, source), tests);
    },
  };
}

function bodyOf(dissection: Dissection, source: FieldSource): Body {
  const { bytes, at, end, limit } = dissection.extent;
  return { bytes, at, end: Math.min(end, limit), limit, tree: () => source.decode(dissection)?.root ?? null };
}

/** One finder for each plan, made on first use. */
export class Finders {
  private readonly known = new WeakMap<Plan, { find: Finder | null }>();

  constructor(private readonly steps: readonly PathStep[]) {}

  of(plan: Plan): Finder | null {
    let known = this.known.get(plan);
    if (known === undefined) {
      known = { find: makeFinder(plan, this.steps) };
      this.known.set(plan, known);
    }
    return known.find;
  }
}

/** Knows which compounds may have a value at a path, by their operations: the bodies of the others need not be decoded. */
class Compounds {
  private readonly shapes = new WeakMap<Shape, boolean>();
  /** Shapes may be many, kinds of operations are few. */
  private readonly kinds = new WeakMap<OperationKind, boolean>();

  constructor(private readonly steps: readonly PathStep[]) {}

  mayHave({ plan, compound }: Dissection): boolean {
    if (plan === null || compound?.isComplete !== true) return true;
    const { shape, field, operations } = compound;
    if (operations.length === 0) return reaches(withOperation(plan, field, null), this.steps);
    let known = this.shapes.get(shape);
    if (known === undefined) {
      known = operations.some((operation) => this.mayHold(operation, plan, field));
      this.shapes.set(shape, known);
    }
    return known;
  }

  private mayHold(operation: Operation, plan: Plan, field: string): boolean {
    let known = this.kinds.get(operation.kind);
    if (known === undefined) {
      known = reaches(withOperation(plan, field, operation), this.steps);
      this.kinds.set(operation.kind, known);
    }
    return known;
  }
}

export function followPlaces(
  vocabulary: Vocabulary,
  roots: readonly Place[],
  steps: readonly PathStep[],
): Place[] | UnknownStep {
  let places = [...roots];
  for (const [index, step] of steps.entries()) {
    const next = vocabulary.step(places, step);
    if (next.length === 0) return new UnknownStep(index, vocabulary.names(places, step));
    places = next;
  }
  return places;
}

/** The kinds of the values at these places; a list has those of its elements. */
export function kindsOf(vocabulary: Vocabulary, places: readonly Place[]): Pick<Field, 'kinds' | 'names'> {
  const kinds = new Set<Kind>();
  const names = new Set<string>();
  for (const { shape } of vocabulary.inside(places)) {
    kinds.add('leaf' in shape ? shape.leaf : 'structure');
    if ('leaf' in shape && shape.leaf === 'name') for (const name of shape.names) names.add(name);
  }
  return { kinds, names };
}
