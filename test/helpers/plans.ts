/** Plans from `.x` text, and what decoding gives, for tables. */
import { expect } from 'vitest';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { type JsonOptions, writeJson } from '../../src/xdr/json.js';
import type { Specification } from '../../src/xdr/model.js';
import { parseXdr, renderDiagnostic } from '../../src/xdr/parse-xdr.js';
import type { Plan } from '../../src/xdr/plan.js';
import { decodeTree } from '../../src/xdr/tree.js';
import { type DecodeContext, type Decoded, noContext, type TreeNode } from '../../src/xdr/tree-node.js';
import { isFeasible } from './xdr-writer.js';

export function specificationOf(text: string): Specification {
  const { specification, diagnostics } = parseXdr({ name: 'test.x', text });
  expect(diagnostics.map(renderDiagnostic)).toEqual([]);
  return specification;
}

/** The plan of `name` in `text`; hint problems fail the test unless they are kept. */
export function planOf(text: string, name = 't', problems?: string[]): Plan {
  const problem = (message: string) => {
    if (problems === undefined) throw new Error(message);
    problems.push(message);
  };
  const plan = new PlanBuilder(specificationOf(text), (_, message) => problem(message)).typePlan(name);
  if (plan === undefined) throw new Error(`no type ${name}`);
  return plan;
}

/** Decodes bytes that stand among others. */
export function decode(plan: Plan, data: Uint8Array, limit = data.length, context: DecodeContext = noContext): Decoded {
  const held = Buffer.concat([Buffer.alloc(4, 0xee), data, Buffer.alloc(64, 0xee)]);
  return decodeTree(plan, { bytes: held, start: 4, end: 4 + data.length, limit: 4 + limit, context }, 'args');
}

export function jsonText(root: TreeNode | null, options: Partial<JsonOptions> = {}): string {
  if (root === null) return '';
  const out = new ByteWriter(64);
  writeJson(root, out, { int64Strings: false, payload: false, ...options });
  return out.toString();
}

/** All nodes below `node`, itself first, each with its path as templates and `Wanted` name it (elements as `[0]`). */
export function* nodesOf(node: TreeNode, path = ''): Generator<[path: string, node: TreeNode]> {
  yield [path, node];
  for (const child of node.children) {
    const { kind } = node.plan;
    const isContent = kind === 'optional' || kind === 'typed' || kind === 'body' || kind === 'chosen';
    yield* nodesOf(child, isContent ? path : path === '' ? child.name : `${path}.${child.name}`);
  }
}

/** The plans of a specification's types that values can be made of. */
export function feasiblePlans(specification: Specification): Plan[] {
  const builder = new PlanBuilder(specification);
  return [...specification.types.keys()].flatMap((name) => {
    try {
      const plan = builder.typePlan(name)!;
      return isFeasible(plan) && plan.kind !== 'void' ? [plan] : [];
    } catch (error) {
      // Typedefs that hold themselves without a struct or union between: plan.test.ts has them.
      if (error instanceof RangeError) return [];
      throw error;
    }
  });
}
