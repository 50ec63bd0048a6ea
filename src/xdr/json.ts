/**
 * JSON text of a decoded tree: XDR made plain (docs/json.md). Structs are objects, unions an object of their discriminant
 * and arm, 64-bit numbers keep all digits, opaques are lowercase hex. The slow twin of codegen-json.ts, and its oracle.
 */
import type { ByteWriter } from './byte-writer.js';
import { type BitmapPlan, bitNames, enumText, freeName, isData, membersOf, type Plan } from './plan.js';
import type { TreeNode } from './tree-node.js';

export interface JsonOptions {
  /** All 64-bit values as strings. */
  int64Strings: boolean;
  /** The contents of files too, not only their length. */
  payload: boolean;
}

/**
 * Writes a value. False where it is a string, or holds strings outside of objects, and one of them is not UTF-8:
 * `writeStringBytes` then writes their bytes.
 */
export function writeJson(node: TreeNode, out: ByteWriter, options: JsonOptions): boolean {
  const { plan } = node;
  switch (plan.kind) {
    case 'string': {
      const bytes = node.value as Uint8Array;
      return out.jsonBytes(bytes, 0, bytes.length);
    }
    case 'array':
    case 'list':
    case 'dictionary':
      return writeArray(node, out, options);
    case 'optional':
      if (node.value) return writeJson(node.children[0], out, options);
      out.ascii('null');
      return true;
    case 'typed':
    case 'body':
    case 'chosen':
      return writeJson(node.children[0], out, options);
    default:
      writeExact(node, out, options);
      return true;
  }
}

/** Writes a value whose JSON is exact. */
function writeExact(node: TreeNode, out: ByteWriter, options: JsonOptions): void {
  const { plan } = node;
  switch (plan.kind) {
    case 'int':
    case 'unsigned':
      return out.signed(node.value as number);
    case 'hyper':
    case 'unsignedHyper':
      return out.ascii(plan.identifier || options.int64Strings ? `"${node.value}"` : String(node.value));
    case 'float':
    case 'double':
      return out.ascii(floatText(node.value as number));
    case 'bool':
      return out.ascii(node.value ? 'true' : 'false');
    case 'enum':
      return out.jsonName(enumText(plan, node.value as number));
    case 'quadruple':
    case 'opaque':
    case 'rest':
      return writeHex(node.value as Uint8Array, out);
    case 'bitmap':
      return writeBits(plan, node.value as Uint8Array, out);
    case 'struct':
    case 'union':
      return writeObject(node, out, options);
    default:
      return out.ascii('null');
  }
}

/**
 * Writes a value with hex in place of its strings, and null in
 * place of objects, which have `_hex` members of their own.
 */
export function writeStringBytes(node: TreeNode, out: ByteWriter): void {
  const { kind } = node.plan;
  if (kind === 'string') writeHex(node.value as Uint8Array, out);
  else if (kind === 'array' || kind === 'list') writeElements(node, out, (child) => writeStringBytes(child, out));
  else if (kind !== 'struct' && kind !== 'union' && node.children.length > 0) writeStringBytes(node.children[0], out);
  else out.ascii('null');
}

/**
 * Writes `"name":value` and its siblings: `<name>_length` of file contents, `<name>_hex` of strings that are not UTF-8.
 */
function writeMember(node: TreeNode, object: Plan, out: ByteWriter, options: JsonOptions): void {
  const leaf = contentOf(node);
  if (isData(leaf.plan)) {
    out.jsonName(freeName(`${node.name}_length`, membersOf(object)));
    out.byte(0x3a);
    out.integer((leaf.value as Uint8Array).length);
    if (!options.payload) return;
    out.byte(0x2c);
  }
  out.jsonName(node.name);
  out.byte(0x3a);
  if (writeJson(node, out, options)) return;
  out.byte(0x2c);
  out.jsonText(freeName(`${node.name}_hex`, membersOf(object)));
  out.byte(0x3a);
  writeStringBytes(node, out);
}

/** The leaf that a member shows: an optional that is there stands for its content. */
function contentOf(node: TreeNode): TreeNode {
  return node.plan.kind === 'optional' && node.children.length > 0 ? contentOf(node.children[0]) : node;
}

/** Writes the members of a struct or union without its braces. */
export function writeMembers(object: TreeNode, out: ByteWriter, options: JsonOptions): void {
  let first = true;
  for (const node of object.children) {
    if (node.plan.kind === 'void') continue;
    if (!first) out.byte(0x2c);
    first = false;
    writeMember(node, object.plan, out, options);
  }
}

function writeObject(node: TreeNode, out: ByteWriter, options: JsonOptions): void {
  out.byte(0x7b);
  writeMembers(node, out, options);
  out.byte(0x7d);
}

function writeArray(node: TreeNode, out: ByteWriter, options: JsonOptions): boolean {
  let isExact = true;
  writeElements(node, out, (child) => {
    if (!writeJson(child, out, options)) isExact = false;
  });
  return isExact;
}

function writeElements({ children }: TreeNode, out: ByteWriter, write: (child: TreeNode) => void): void {
  out.byte(0x5b);
  children.forEach((child, index) => {
    if (index > 0) out.byte(0x2c);
    write(child);
  });
  out.byte(0x5d);
}

function writeBits(plan: BitmapPlan, words: Uint8Array, out: ByteWriter): void {
  out.ascii(JSON.stringify(bitNames(plan, words)));
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
