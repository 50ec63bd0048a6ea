/**
 * The value of a decoded tree: XDR (RFC 4506) as plain JavaScript. Structs and unions
 * are objects, 64-bit numbers are bigint, opaques are copies that the caller owns.
 * Fields behind a fault are absent. The slow twin of codegen-value.ts, and its oracle.
 */
import { bitNames, enumText } from './plan.js';
import type { TreeNode } from './tree-node.js';

/**
 * A decoded value, by its declared type:
 *
 * | XDR | JavaScript |
 * | --- | --- |
 * | int, unsigned int, float, double | number |
 * | hyper, unsigned hyper | bigint |
 * | bool | boolean |
 * | enum | its name, or the decimal text of a number that has none |
 * | string | string; U+FFFD stands for what is not UTF-8 |
 * | opaque, quadruple | Uint8Array, a copy |
 * | optional | the value, or null |
 * | array, linked list | array |
 * | bitmap (hint) | array of the names of its bits |
 * | struct, union | object; a union has its discriminant and its arm |
 * | void | undefined; as a member, absent |
 */
export type XdrValue = number | bigint | boolean | string | Uint8Array | null | undefined | XdrValue[] | XdrObject;

/** A struct, or a union as its discriminant and its arm, each under its declared name. All names are own properties. */
export interface XdrObject {
  readonly [name: string]: XdrValue;
}

/** The value of a node and all below it. */
export function treeValue(node: TreeNode): XdrValue {
  const { plan, value, children } = node;
  switch (plan.kind) {
    case 'void':
      return undefined;
    case 'enum':
      return enumText(plan, value as number);
    case 'string':
      return textOf(value as Uint8Array);
    case 'opaque':
    case 'quadruple':
    case 'rest':
      return new Uint8Array(value as Uint8Array);
    case 'array':
    case 'list':
    case 'dictionary':
      return children.map(treeValue);
    case 'optional':
      return value === true ? treeValue(children[0]) : null;
    case 'typed':
    case 'body':
    case 'chosen':
      return treeValue(children[0]);
    case 'bitmap':
      return bitNames(plan, value as Uint8Array);
    case 'struct':
    case 'union':
      return objectOf(children);
    default:
      return value as number | bigint | boolean;
  }
}

/** Nodes as members of one object. */
export function objectOf(nodes: readonly TreeNode[]): XdrObject {
  const object: Record<string, XdrValue> = {};
  for (const node of nodes) {
    if (node.plan.kind === 'void') continue;
    const value = treeValue(node);
    if (node.name !== '__proto__') object[node.name] = value;
    else Object.defineProperty(object, node.name, { value, writable: true, enumerable: true, configurable: true });
  }
  return object;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
