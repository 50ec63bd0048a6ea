/**
 * Finds the values at a path in bodies of one plan. Names are found by generated extract code, which
 * steps over everything else. Elements of lists are walked one by one, and the rest of the path is
 * looked for in each. Whatever extract cannot express (any depth, payloads, types that a number
 * chooses or that depend on the call, arms that share a name, cut bodies) is looked up in the tree of that message.
 */
import { Extractor, endOf, fills } from '../xdr/codegen-extract.js';
import type { ArrayPlan, ChosenPlan, ListPlan, Plan } from '../xdr/plan.js';
import type { TreeNode } from '../xdr/tree-node.js';
import type { Tests } from './field.js';
import { testLeaf } from './leaf.js';
import { contentOf, isUnwritten, membersNamed, reaches } from './plan-path.js';
import type { PathStep } from './syntax.js';
import { searchTree } from './tree-search.js';

/** A body: `bytes[at..end)` are there, `limit` is its full end. `tree` is made on demand. */
export interface Body {
  bytes: Uint8Array;
  at: number;
  end: number;
  limit: number;
  tree(): TreeNode | null;
}

/** Returns whether one of the values at the path passes. */
export type Finder = (body: Body, tests: Tests) => boolean;

/** null: no value of this plan has the path. */
export function makeFinder(plan: Plan, steps: readonly PathStep[]): Finder | null {
  if (!reaches(plan, steps)) return null;
  const inTree: Finder = (body, tests) => {
    const root = body.tree();
    return root !== null && searchTree(root, steps, body.bytes, tests);
  };
  const path = makePath(plan, steps);
  if (path === null) return inTree;
  return (body, tests) => {
    if (body.end < body.limit) return inTree(body, tests);
    if (path.some(body.bytes, body.at, body.limit, tests)) return true;
    // A fault ends extraction before the list that contains it; the whole elements of that list are in the tree.
    return path.hasLists && path.isMissing && !fills(plan, body.bytes, body.at, body.limit) && inTree(body, tests);
  };
}

/** A path that extract can find, up to its first list; null when it cannot. */
function makePath(plan: Plan, steps: readonly PathStep[]): Path | null {
  const names: string[] = [];
  let around: Plan | null = null;
  let target = contentOf(plan);
  for (const [index, step] of steps.entries()) {
    if (target.kind === 'array' || target.kind === 'list') return listPath(plan, names, target, steps.slice(index));
    if (step.kind !== 'name' || target.kind === 'body') return null;
    if (target.kind === 'chosen' && !isOfBitmap(target, around)) return null;
    const members = membersNamed(target, step.name);
    if (members.length !== 1 && new Set(members.map((member) => member.plan)).size !== 1) return null;
    const [{ name, plan: member }] = members;
    if (isUnwritten(member)) return null;
    names.push(name);
    around = target;
    target = contentOf(member);
  }
  if (target.kind === 'array' || target.kind === 'list') return listPath(plan, names, target, []);
  if (target.kind === 'chosen' || target.kind === 'body') return null;
  return new Path(plan, names, target, null);
}

/** True for values that a bitmap in the struct around them chooses: extract finds these by their names. */
function isOfBitmap({ by }: ChosenPlan, around: Plan | null): boolean {
  return around?.kind === 'struct' && around.fields.some(({ name, plan }) => name === by && plan.kind === 'bitmap');
}

function listPath(
  plan: Plan,
  names: readonly string[],
  list: ArrayPlan | ListPlan,
  steps: readonly PathStep[],
): Path | null {
  const [first] = steps;
  const only = first?.kind === 'index' ? first.index : -1;
  const inner = makePath(list.element, only < 0 ? steps : steps.slice(1));
  return inner && new Path(plan, names, list, { path: inner, only, isEnd: steps.length === 0 });
}

/** The rest of the path in each element, or in the element `only` (-1: in all). */
interface ElementPath {
  path: Path;
  only: number;
  /** The filter's path ends at the list itself. */
  isEnd: boolean;
}

class Path {
  private readonly extractor: Extractor;
  /** True when the field, or a list on the way to it, was not found the last time. */
  isMissing = false;

  constructor(
    plan: Plan,
    names: readonly string[],
    private readonly target: Plan,
    private readonly element: ElementPath | null,
  ) {
    this.extractor = new Extractor(plan, [names.join('.')]);
  }

  get hasLists(): boolean {
    return this.element !== null;
  }

  some(bytes: Uint8Array, at: number, limit: number, tests: Tests): boolean {
    this.extractor.find(bytes, at, limit, limit);
    const [offset, count] = this.extractor.slots;
    this.isMissing = offset < 0;
    if (offset < 0) return false;
    if (this.element === null) return testLeaf(this.target, bytes, offset, tests);
    return (this.element.isEnd && tests.sequence()) || this.elements(bytes, offset, count, limit, tests, this.element);
  }

  private elements(
    bytes: Uint8Array,
    offset: number,
    count: number,
    limit: number,
    tests: Tests,
    { path, only }: ElementPath,
  ): boolean {
    const { target } = this;
    if (target.kind !== 'array' && target.kind !== 'list') return false;
    // Each element of a list follows a word "one more?", except the first one of a list that is used by value.
    const step = target.kind === 'list' ? 4 : 0;
    const isPrefixed = target.kind === 'array' ? target.length < 0 : !target.leading;
    let next = offset + (isPrefixed ? 4 : 0);
    for (let index = 0; index < count && next >= 0; index++) {
      if ((only < 0 || only === index) && path.some(bytes, next, limit, tests)) return true;
      if (index === only) return false;
      const end = endOf(target.element, bytes, next, limit);
      next = end < 0 ? -1 : end + step;
    }
    return false;
  }
}
