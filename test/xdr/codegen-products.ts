/** Runs one plan over one message through every product, interpreted and generated, and compares what comes out. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { ByteWriter, jsonString } from '../../src/xdr/byte-writer.js';
import { Extractor, fills, isCutOff } from '../../src/xdr/codegen-extract.js';
import { JsonCompiler } from '../../src/xdr/codegen-json.js';
import { GAVE_UP } from '../../src/xdr/codegen-objects.js';
import { TreeCompiler } from '../../src/xdr/codegen-tree.js';
import { ValueCompiler } from '../../src/xdr/codegen-value.js';
import { extract, wantPaths } from '../../src/xdr/extract.js';
import { floatText, type JsonOptions, writeJson } from '../../src/xdr/json.js';
import { enumText, type Plan } from '../../src/xdr/plan.js';
import { decodeTree } from '../../src/xdr/tree.js';
import { type Decoded, noContext, type TreeNode } from '../../src/xdr/tree-node.js';
import { treeValue, type XdrObject, type XdrValue } from '../../src/xdr/value.js';
import { pathsOf, type XdrValue as Written } from '../helpers/xdr-writer.js';

/** Bytes before and behind the message, which nothing may read. */
const BEFORE = 8;
const BEHIND = 16;
const PATHS = 12;
/** Places where a message is cut off in turn. */
const CUTS = 7;

const allOptions: JsonOptions[] = [false, true].flatMap((int64Strings) =>
  [false, true].map((payload) => ({ int64Strings, payload })),
);

export interface Verdict {
  decoded: Decoded;
  /** Nothing is wrong with the message, nor odd. */
  isGood: boolean;
  /** Whether the generated functions did it themselves. */
  json: boolean;
  value: boolean;
  tree: boolean;
}

/** Interpreter and generated code over a message; throws where they differ. */
export class Products {
  private readonly json = new JsonCompiler();
  private readonly values = new ValueCompiler();
  private readonly trees = new TreeCompiler();

  compare(plan: Plan, message: Uint8Array): Verdict {
    const bytes = Buffer.concat([Buffer.alloc(BEFORE, 0xee), message, Buffer.alloc(BEHIND, 0xee)]);
    const limit = BEFORE + message.length;
    const decoded = decodeTree(plan, { bytes, start: BEFORE, end: limit, limit, context: noContext }, 'args');
    const isGood = decoded.fault === null && decoded.notes.length === 0 && decoded.undecoded === null;
    compareExtract(plan, bytes, limit);
    compareGlances(plan, bytes, limit, decoded);
    const verdict = {
      decoded,
      isGood,
      json: this.compareJson(plan, bytes, limit, decoded),
      value: this.compareValue(plan, bytes, limit, decoded),
      tree: this.compareTree(plan, bytes, limit, decoded),
    };
    ok(isGood || !(verdict.json || verdict.value || verdict.tree), 'generated code took a message that is not good');
    return verdict;
  }

  private compareJson(plan: Plan, bytes: Buffer, limit: number, decoded: Decoded): boolean {
    let wasTaken = true;
    for (const options of allOptions) {
      // Room for a few bytes only: generated code has to make more.
      const out = new ByteWriter(16);
      out.ascii('before');
      wasTaken = this.json.write(plan, bytes, BEFORE, limit, out, options);
      equal(out.toString(), wasTaken ? `before${jsonOf(decoded, options)}` : 'before');
    }
    return wasTaken;
  }

  private compareValue(plan: Plan, bytes: Buffer, limit: number, decoded: Decoded): boolean {
    const value = this.values.make(plan, bytes, BEFORE, limit);
    if (value === GAVE_UP) return false;
    deepStrictEqual(value, treeValue(decoded.root!));
    return true;
  }

  private compareTree(plan: Plan, bytes: Buffer, limit: number, decoded: Decoded): boolean {
    const tree = this.trees.make(plan, bytes, BEFORE, limit, 'args');
    if (tree === GAVE_UP) return false;
    deepStrictEqual(tree, decoded.root);
    return true;
  }
}

/** All paths at once, and one alone: what is behind the last wanted field is not looked at. */
function compareExtract(plan: Plan, bytes: Buffer, limit: number): void {
  const paths = ['', ...pathsOf(plan)].slice(0, PATHS);
  comparePaths(plan, paths, bytes, limit);
  comparePaths(plan, [paths[(bytes[BEFORE] + limit) % paths.length]], bytes, limit);
}

/** What is seen to be right at a glance is so, also where the end is not there. */
function compareGlances(plan: Plan, bytes: Buffer, limit: number, decoded: Decoded): void {
  const isSeen = fills(plan, bytes, BEFORE, limit);
  ok(!isSeen || decoded.fault?.kind !== 'malformed', 'what is malformed was not seen');
  const step = Math.max(1, Math.ceil((limit - BEFORE) / CUTS));
  for (let end = BEFORE; end < limit; end += step) {
    const { fault } = decodeTree(plan, { bytes, start: BEFORE, end, limit, context: noContext }, 'args');
    const isRight = isCutOff(plan, bytes, BEFORE, end, limit);
    ok(!isRight || fault?.kind !== 'malformed', `what is malformed was not seen, cut at ${end - BEFORE}`);
  }
}

function comparePaths(plan: Plan, paths: string[], bytes: Buffer, limit: number): void {
  const expected = new Int32Array(2 * paths.length);
  extract(plan, wantPaths(paths), bytes, BEFORE, limit, limit, expected);
  const extractor = new Extractor(plan, paths);
  extractor.find(bytes, BEFORE, limit, limit);
  deepStrictEqual(extractor.slots, expected, paths.join());
}

function jsonOf(decoded: Decoded, options: JsonOptions): string {
  const out = new ByteWriter();
  writeJson(decoded.root!, out, options);
  return out.toString();
}

/** JSON text of a value by its plan: written for tests only, to be compared with what the products write. */
export function serialised(plan: Plan, value: XdrValue): string {
  switch (plan.kind) {
    case 'void':
      return 'null';
    case 'hyper':
    case 'unsignedHyper':
      return plan.identifier ? `"${value}"` : String(value);
    case 'float':
    case 'double':
      return floatText(value as number);
    case 'enum':
    case 'string':
      return jsonString(value as string);
    case 'opaque':
    case 'quadruple':
      return `"${hexOf(value as Uint8Array)}"`;
    case 'array':
    case 'list':
      return `[${(value as XdrValue[]).map((each) => serialised(plan.element, each)).join(',')}]`;
    case 'optional':
      return value === null ? 'null' : serialised(plan.element, value);
    case 'typed':
      return value instanceof Uint8Array ? `"${hexOf(value)}"` : serialised(plan.element, value);
    case 'struct':
      return membersOf(plan.fields, value as XdrObject);
    case 'union': {
      const object = value as XdrObject;
      const arms = [...plan.arms.values(), plan.otherwise].filter((arm) => arm !== null && arm !== undefined);
      const arm = arms.filter(({ name }) => Object.hasOwn(object, name)).slice(0, 1);
      return membersOf([plan.discriminant, ...arm], object);
    }
    default:
      return String(value);
  }
}

function membersOf(fields: readonly { name: string; plan: Plan }[], object: XdrObject): string {
  const shown = fields.filter(({ plan }) => plan.kind !== 'void');
  return `{${shown.map(({ name, plan }) => `${jsonString(name)}:${serialised(plan, object[name])}`).join(',')}}`;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The value that decoding must give for what was written: an oracle that never saw bytes. */
export function expectedValue(plan: Plan, written: Written): XdrValue {
  switch (plan.kind) {
    case 'void':
      return undefined;
    case 'bool':
      return written === 1;
    case 'enum':
      return enumText(plan, written as number);
    case 'float':
      return Math.fround(written as number);
    case 'string':
      return Buffer.from(written as Uint8Array).toString('utf8');
    case 'opaque':
    case 'quadruple':
      return new Uint8Array(written as Uint8Array);
    case 'array':
    case 'list':
      return (written as Written[]).map((each) => expectedValue(plan.element, each));
    case 'optional':
      return written === null ? null : expectedValue(plan.element, written);
    case 'typed':
      return expectedValue(plan.element, written);
    case 'struct':
      return expectedObject(plan.fields.map((field, i) => [field, (written as Written[])[i]]));
    case 'union': {
      const [discriminant, content] = written as [number, Written];
      const arm = plan.arms.has(discriminant) ? plan.arms.get(discriminant) : plan.otherwise;
      return expectedObject([[plan.discriminant, discriminant], ...(arm ? [[arm, content] as const] : [])]);
    }
    default:
      return written as number | bigint;
  }
}

function expectedObject(members: readonly (readonly [{ name: string; plan: Plan }, Written])[]): XdrValue {
  return Object.fromEntries(
    members
      .filter(([{ plan }]) => plan.kind !== 'void')
      .map(([{ name, plan }, written]) => [name, expectedValue(plan, written)]),
  );
}

/** The leaves of a tree in order, as values have them. */
export function* leavesOf(node: TreeNode): Generator<XdrValue> {
  if (node.children.length > 0) for (const child of node.children) yield* leavesOf(child);
  else if (!['array', 'list', 'struct', 'void'].includes(node.plan.kind)) yield treeValue(node);
}

/** The leaves of a value in order. */
export function* leavesOfValue(value: XdrValue): Generator<XdrValue> {
  if (value === undefined) return;
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) yield value;
  else for (const each of Object.values(value)) yield* leavesOfValue(each);
}
