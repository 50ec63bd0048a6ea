/**
 * The fields of a decoded tree, as owned values. Each field is either compared as it is, or a name that
 * differs between recordings, or free to vary. The layout plan decides which, so every `.x` file
 * determines it by its types and hints. Longer file contents are kept as their length and a fingerprint.
 */
import { isUtf8 } from 'node:buffer';
import { addBytes, beginFingerprint, fingerprint } from '../../dissect/names/fingerprint.js';
import { MAX_DIFF_CONTENTS } from '../../limits/diff.js';
import { bitNames, enumText, type Plan, type Variation } from '../../xdr/plan.js';
import type { TreeNode } from '../../xdr/tree-node.js';
import { FILE_HANDLE } from './aliases.js';
import type { Ignored } from './ignored.js';

/** A leaf's value, as in JSON; opaques are hex. */
export type LeafValue = string | number | bigint | boolean | null;

/**
 * `plan` is set for numbers that text shows in another form than JSON. `cut` stands behind the last field that is
 * there: the bytes of the fields that follow it are missing.
 */
export type Field =
  | { kind: 'value'; name: string; value: LeafValue; plan: Plan | null }
  | { kind: 'alias'; name: string; value: LeafValue; alias: Variation }
  | { kind: 'varying'; name: string }
  | { kind: 'cut'; name: string }
  | { kind: 'members'; name: string; members: Field[]; isUnion: boolean }
  | { kind: 'elements'; name: string; elements: Field[] };

/** No field of a program has this name. */
export const CUT: Field = { kind: 'cut', name: '…' };

const VARYING: Variation = { name: '', isLocal: false };
const ADDRESS: Variation = { name: 'address', isLocal: false };
const PORT: Variation = { name: 'port', isLocal: false };
const STATEID: Variation = { name: 'stateid', isLocal: false };

/** How a field differs between recordings; null: it does not. */
export function variationOf(plan: Plan, name: string): Variation | null {
  if (plan.kind === 'opaque' && plan.role === 'handle') return FILE_HANDLE;
  if ('varies' in plan && plan.varies !== undefined) return plan.varies;
  const shown = 'display' in plan ? plan.display?.kind : undefined;
  if (shown === 'time') return VARYING;
  if (shown === 'address' || shown === 'sockaddr') return ADDRESS;
  if (shown === 'port') return PORT;
  if (shown === 'stateid') return STATEID;
  return 'identifier' in plan && plan.identifier ? { name, isLocal: true } : null;
}

/** The field of a node with all below it, without ignored ones; null where the node itself is ignored, or void. */
export function fieldOf(node: TreeNode, name: string, ignored: Ignored | null): Field | null {
  const { plan, children } = node;
  switch (plan.kind) {
    case 'void':
      return null;
    case 'optional':
      return node.value === true
        ? fieldOf(children[0], name, ignored)
        : { kind: 'value', name, value: null, plan: null };
    case 'typed':
    case 'body':
    case 'chosen':
      return fieldOf(children[0], name, ignored);
  }
  const variation = variationOf(plan, name);
  if (variation?.name === '') return { kind: 'varying', name };
  if (variation !== null) return aliasOf(node, name, variation);
  switch (plan.kind) {
    case 'struct':
    case 'union':
      return { kind: 'members', name, members: fieldsOf(children, ignored), isUnion: plan.kind === 'union' };
    case 'array':
    case 'list':
    case 'dictionary':
      return { kind: 'elements', name, elements: fieldsOf(children, ignored) };
    default:
      return { kind: 'value', name, value: leafValue(node), plan: 'display' in plan && plan.display ? plan : null };
  }
}

/** The fields of several nodes, without ignored ones. */
export function fieldsOf(nodes: readonly TreeNode[], ignored: Ignored | null): Field[] {
  const fields: Field[] = [];
  for (const node of nodes) {
    const inside = ignored?.enter(node.name) ?? null;
    if (inside?.isComplete) continue;
    const field = fieldOf(node, node.name, inside);
    if (field !== null) fields.push(field);
  }
  return fields;
}

/**
 * Marks where the bytes of a body end: behind the last member or element of everything that the first missing field,
 * whose path is given, belongs to. A name of which a part is missing is removed.
 */
export function markCut(fields: Field[], path: string): void {
  const last = fields.at(-1);
  if (last !== undefined && path.startsWith(last.name) && /^[.[]/.test(path.slice(last.name.length))) {
    const rest = path.slice(last.name.length).replace(/^\./, '');
    if (last.kind === 'members') markCut(last.members, rest);
    else if (last.kind === 'elements') markCut(last.elements, rest);
    else if (last.kind === 'alias') fields.pop();
  }
  fields.push(CUT);
}

export function isCut(fields: readonly Field[]): boolean {
  return fields.at(-1)?.kind === 'cut';
}

/** The field of a name. A name that means "none", or something special, in every recording is a plain value. */
function aliasOf(node: TreeNode, name: string, alias: Variation): Field {
  if (node.plan.kind === 'array') return { kind: 'elements', name, elements: fieldsOf(node.children, null) };
  const value = aliasValue(node);
  return isSpecial(node) ? { kind: 'value', name, value, plan: null } : { kind: 'alias', name, value, alias };
}

function aliasValue(node: TreeNode): LeafValue {
  return node.plan.kind === 'struct' ? node.children.map(aliasValue).join(' ') : leafValue(node);
}

/** Zero bits only, or one bits only: no address, every stateid, the first cookie. */
function isSpecial({ plan, value, children }: TreeNode): boolean {
  if (plan.kind === 'struct') return children.length > 0 && isSpecial(children[children.length - 1]);
  if (value instanceof Uint8Array) return value.every((byte) => byte === value[0] && (byte === 0 || byte === 0xff));
  return typeof value === 'bigint'
    ? value === 0n || BigInt.asUintN(64, value) === ~(-1n << 64n)
    : value === 0 || value === -1 || value === 0xffffffff;
}

function leafValue(node: TreeNode): LeafValue {
  const { plan, value } = node;
  switch (plan.kind) {
    case 'enum':
      return enumText(plan, value as number);
    case 'bitmap':
      return bitNames(plan, value as Uint8Array).join(' ');
    case 'string':
      return textOf(value as Uint8Array);
    default:
      if (value instanceof Uint8Array) return bytesValue(value);
      return 'identifier' in plan && plan.identifier ? String(value) : value;
  }
}

/** Bytes as hex; longer ones as their length and fingerprint. */
export function bytesValue(bytes: Uint8Array): string {
  if (bytes.length <= MAX_DIFF_CONTENTS) return hexOf(bytes);
  return `${bytes.length} bytes with the fingerprint ${fingerprintOf(bytes)}`;
}

/** A fingerprint of 64 bits in hex. */
export function fingerprintOf(bytes: Uint8Array): string {
  beginFingerprint(0);
  addBytes(bytes, 0, bytes.length);
  return [fingerprint.high, fingerprint.low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

function hexOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('hex');
}

/** Invalid UTF-8 all looks alike as text, so the bytes are appended in hex. */
function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return isUtf8(bytes) ? text : `${text} (${hexOf(bytes)})`;
}

/** The number of fields, where long values count as several: the memory that they take, in units of some 100 bytes. */
export function weightOf(field: Field): number {
  switch (field.kind) {
    case 'members':
      return field.members.reduce((sum, member) => sum + weightOf(member), 1);
    case 'elements':
      return field.elements.reduce((sum, element) => sum + weightOf(element), 1);
    case 'varying':
    case 'cut':
      return 1;
    default:
      return typeof field.value === 'string' ? 1 + (field.value.length >> 6) : 1;
  }
}
