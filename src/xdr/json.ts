/**
 * JSON text of a decoded tree: XDR made plain (DESIGN §5). Structs are objects, unions an object of their discriminant and arm,
 * 64-bit numbers keep all digits, opaques are lowercase hex. The slow twin of the compiled writer, and its oracle.
 */
import type { ByteWriter } from './byte-writer.js';
import { type BitmapPlan, enumText, setBits } from './plan.js';
import type { TreeNode } from './tree-node.js';

export interface JsonOptions {
  /** All 64-bit values as strings. */
  int64Strings: boolean;
  /** The contents of files too, not only their length. */
  payload: boolean;
}

/** Writes a value. */
export function writeJson(node: TreeNode, out: ByteWriter, options: JsonOptions): void {
  const { plan } = node;
  switch (plan.kind) {
    case 'void':
      return out.ascii('null');
    case 'int':
    case 'unsigned':
      return out.signed(node.value as number);
    case 'hyper':
    case 'unsignedHyper':
      return out.ascii(plan.identifier || options.int64Strings ? `"${node.value}"` : String(node.value));
    case 'float':
    case 'double':
      return out.ascii(floatText(node.value as number));
    case 'quadruple':
      return writeHex(node.value as Uint8Array, out);
    case 'bool':
      return out.ascii(node.value ? 'true' : 'false');
    case 'enum':
      return out.jsonName(enumText(plan, node.value as number));
    case 'string': {
      const bytes = node.value as Uint8Array;
      out.jsonBytes(bytes, 0, bytes.length);
      return;
    }
    case 'opaque':
      return writeHex(node.value as Uint8Array, out);
    case 'array':
    case 'list':
    case 'dictionary':
      return writeArray(node, out, options);
    case 'optional':
      return node.value ? writeJson(node.children[0], out, options) : out.ascii('null');
    case 'typed':
    case 'body':
    case 'chosen':
      return writeJson(node.children[0], out, options);
    case 'bitmap':
      return writeBits(plan, node.value as Uint8Array, out);
    case 'rest':
      return writeHex(node.value as Uint8Array, out);
    case 'struct':
    case 'union':
      return writeObject(node, out, options);
  }
}

/** Writes `"name":value` and the siblings that its type asks for. */
function writeMember(node: TreeNode, out: ByteWriter, options: JsonOptions): void {
  const leaf = contentOf(node);
  if (leaf.plan.kind === 'opaque' && leaf.plan.role === 'data') {
    out.jsonName(`${node.name}_length`);
    out.byte(0x3a);
    out.integer((leaf.value as Uint8Array).length);
    if (!options.payload) return;
    out.byte(0x2c);
  }
  out.jsonName(node.name);
  out.byte(0x3a);
  if (leaf.plan.kind === 'string') {
    const bytes = leaf.value as Uint8Array;
    if (!out.jsonBytes(bytes, 0, bytes.length)) {
      out.byte(0x2c);
      out.jsonText(`${node.name}_hex`);
      out.byte(0x3a);
      writeHex(bytes, out);
    }
  } else {
    writeJson(node, out, options);
  }
}

/** The leaf that a member shows: an optional that is there stands for its content. */
function contentOf(node: TreeNode): TreeNode {
  return node.plan.kind === 'optional' && node.children.length > 0 ? contentOf(node.children[0]) : node;
}

/** Writes the members of an object without its braces; answers whether there was one. */
export function writeMembers(nodes: readonly TreeNode[], out: ByteWriter, options: JsonOptions): void {
  let first = true;
  for (const node of nodes) {
    if (node.plan.kind === 'void') continue;
    if (!first) out.byte(0x2c);
    first = false;
    writeMember(node, out, options);
  }
}

function writeObject(node: TreeNode, out: ByteWriter, options: JsonOptions): void {
  out.byte(0x7b);
  writeMembers(node.children, out, options);
  out.byte(0x7d);
}

function writeArray(node: TreeNode, out: ByteWriter, options: JsonOptions): void {
  out.byte(0x5b);
  node.children.forEach((child, index) => {
    if (index > 0) out.byte(0x2c);
    writeJson(child, out, options);
  });
  out.byte(0x5d);
}

function writeBits(plan: BitmapPlan, words: Uint8Array, out: ByteWriter): void {
  const names = setBits(words, 0, words.length >> 2).map((bit) => plan.names.get(bit) ?? String(bit));
  out.ascii(JSON.stringify(names));
}

function writeHex(bytes: Uint8Array, out: ByteWriter): void {
  out.byte(0x22);
  out.hex(bytes, 0, bytes.length);
  out.byte(0x22);
}

/** JSON has no NaN and no infinities: they are null. Negative zero keeps its sign. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  return Object.is(value, -0) ? '-0' : String(value);
}
