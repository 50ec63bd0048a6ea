/** The search of finder.ts in the tree of a body: for all paths, and for bodies that end in a fault. */
import type { TreeNode } from '../xdr/tree-node.js';
import type { Tests } from './field.js';
import { testLeaf } from './leaf.js';
import { isSequence, membersNamed } from './plan-path.js';
import type { PathStep } from './syntax.js';

/** Returns whether a value at the path below `root` passes; offsets of nodes refer to `bytes`. */
export function searchTree(root: TreeNode, steps: readonly PathStep[], bytes: Uint8Array, tests: Tests): boolean {
  return new TreeSearch(steps, bytes, tests).from(root, 0);
}

class TreeSearch {
  constructor(
    private readonly steps: readonly PathStep[],
    private readonly bytes: Uint8Array,
    private readonly tests: Tests,
  ) {}

  /** Follows the path from step number `index` on. */
  from(node: TreeNode, index: number): boolean {
    if (isHolder(node)) return node.children.some((child) => this.from(child, index));
    const step = this.steps[index];
    if (step === undefined) return this.passes(node);
    const isList = isSequence(node.plan);
    if (step.kind === 'index') {
      const element = isList ? node.children[step.index] : undefined;
      return element !== undefined && this.from(element, index + 1);
    }
    if (isList) return node.children.some((child) => this.from(child, index));
    if (this.members(node, step.name, index)) return true;
    return step.kind === 'anywhere' && node.children.some((child) => this.from(child, index));
  }

  private members(node: TreeNode, name: string, index: number): boolean {
    const child = node.children.find((each) => each.name === name);
    if (child !== undefined) return this.from(child, index + 1);
    const [length] = membersNamed(node.plan, name);
    const opaque = length && node.children.find((each) => each.name === length.name);
    return opaque !== undefined && this.length(opaque);
  }

  private length(opaque: TreeNode): boolean {
    if (isHolder(opaque)) return opaque.children.some((child) => this.length(child));
    return this.tests.number((opaque.value as Uint8Array).length);
  }

  private passes(node: TreeNode): boolean {
    const { plan, children } = node;
    if (plan.kind === 'string' && plan.bare) return this.tests.string(node.value as Uint8Array);
    if (!isSequence(plan)) return testLeaf(plan, this.bytes, node.offset, this.tests);
    return this.tests.sequence() || children.some((child) => this.from(child, this.steps.length));
  }
}

/**
 * True for a node that its content stands for; an absent optional
 * has no content. An opaque left as bytes is not such a node.
 */
function isHolder({ plan, children }: TreeNode): boolean {
  return (
    plan.kind === 'optional' ||
    ((plan.kind === 'typed' || plan.kind === 'body' || plan.kind === 'chosen') && children.length > 0)
  );
}
