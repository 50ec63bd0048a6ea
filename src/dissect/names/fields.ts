/**
 * Finds the fields of a body that names are made of: handles and
 * names as ranges of bytes, and the paths of all handles of a plan.
 */
import { MAX_SUMMARY_FIELDS } from '../../limits/dissect.js';
import { MAX_DEPTH } from '../../limits/xdr.js';
import { read32 } from '../../xdr/bytes.js';
import type { FieldPlan, OpaquePlan, Plan, StringPlan } from '../../xdr/plan.js';
import { joinPaths, planAt } from '../field-path.js';
import { VainSearch } from '../vain-search.js';

/** Handles are looked for to this depth: types may nest deeper, but handles do not. */
const MAX_HANDLE_DEPTH = 8;

const withoutHandle = new VainSearch(MAX_HANDLE_DEPTH);

/**
 * The paths of a plan's handles, without those in arrays and lists, which have their names beside them. A field whose
 * struct holds nothing but the handle (nfs_fh3) is the handle. At most the first `MAX_SUMMARY_FIELDS`.
 */
export function handlePaths(plan: Plan): string[] {
  const found: string[] = [];
  addHandles(plan, '', 0, found);
  return found;
}

function addHandles(plan: Plan, path: string, depth: number, found: string[]): void {
  if (found.length >= MAX_SUMMARY_FIELDS || withoutHandle.has(plan, depth)) return;
  const { length } = found;
  switch (plan.kind) {
    case 'opaque':
      if (plan.role === 'handle') found.push(path);
      return;
    case 'optional':
      addHandles(plan.element, path, depth + 1, found);
      break;
    case 'struct':
      for (const field of plan.fields) addOfField(field, path, depth, found);
      break;
    case 'union':
      for (const arm of new Set([...plan.arms.values(), plan.otherwise])) {
        // The struct of an arm belongs to the result (GETFH4resok), not to the handle. A union on a boolean
        // (post_op_fh3) is another matter: it is an optional in other words.
        if (arm && plan.discriminant.plan.kind === 'bool') addOfField(arm, path, depth, found);
        else if (arm) addHandles(arm.plan, joinPaths(path, arm.name), depth + 1, found);
      }
      break;
    default:
      return;
  }
  if (found.length === length) withoutHandle.add(plan, depth);
}

function addOfField({ name, plan }: FieldPlan, path: string, depth: number, found: string[]): void {
  const own = joinPaths(path, name);
  const inner = plan.kind === 'struct' && plan.fields.length === 1 ? plan.fields[0].plan : plan;
  if (inner.kind === 'opaque' && inner.role === 'handle') found.push(own);
  else addHandles(plan, own, depth + 1, found);
}

/** The field of bytes at a path, through optionals and structs of one field; undefined where there is none. */
export function bytesField(root: Plan, path: string): { path: string; plan: OpaquePlan | StringPlan } | undefined {
  let plan = planAt(root, path);
  let full = path;
  // A struct of one field may lead to itself.
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (plan?.kind === 'struct' && plan.fields.length === 1) {
      full = joinPaths(full, plan.fields[0].name);
      plan = plan.fields[0].plan;
    } else if (plan?.kind === 'optional') plan = plan.element;
    else break;
  }
  return plan?.kind === 'opaque' || plan?.kind === 'string' ? { path: full, plan } : undefined;
}

/** Bytes of a number that a file or a file system is known by; 0 for what is no integer. */
export function sizeOfIdentity(plan: Plan | undefined): number {
  switch (plan?.kind) {
    case 'int':
    case 'unsigned':
      return 4;
    case 'hyper':
    case 'unsignedHyper':
      return 8;
    default:
      return 0;
  }
}

/** Where the bytes of a field at `at` begin. */
export function startOf(plan: OpaquePlan | StringPlan, at: number): number {
  return plan.kind === 'opaque' && plan.length >= 0 ? at : at + 4;
}

/** Where they end. */
export function endOfBytes(plan: OpaquePlan | StringPlan, bytes: Uint8Array, at: number): number {
  return plan.kind === 'opaque' && plan.length >= 0 ? at + plan.length : at + 4 + read32(bytes, at);
}

/**
 * Names that were read last, at indices given by a hash of
 * their bytes: the same directories are walked again and again.
 */
const recentNames: string[] = new Array(2048).fill('');
const LONGEST_RECENT = 48;

let lastBuffer = Buffer.alloc(0);

/** Bytes as a text with a character for each. */
export function byteText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LONGEST_RECENT) return makeText(bytes, start, end);
  let hash = 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x5bd1e995);
  const place = (hash ^ (hash >>> 15)) & (recentNames.length - 1);
  const recent = recentNames[place];
  if (recent.length === end - start && isSame(recent, bytes, start)) return recent;
  recentNames[place] = makeText(bytes, start, end);
  return recentNames[place];
}

function isSame(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

function makeText(bytes: Uint8Array, start: number, end: number): string {
  // Messages lie in few large buffers: one view of each serves many names.
  if (lastBuffer.buffer !== bytes.buffer) lastBuffer = Buffer.from(bytes.buffer as ArrayBuffer);
  return lastBuffer.toString('latin1', bytes.byteOffset + start, bytes.byteOffset + end);
}
