/**
 * The input and the result of decoding a body: the tree of its fields, faults and notes. `tree.ts` decodes; json.ts,
 * value.ts and others read trees.
 */
import type { Plan } from './plan.js';

/** A leaf's value: 64-bit numbers are bigint, strings and opaques views of the message's bytes. */
export type Leaf = number | bigint | boolean | Uint8Array | null;

export interface TreeNode {
  /** The field's name; `[3]` for an element. */
  name: string;
  plan: Plan;
  /** Where its bytes are, counted like `Input.start`'s, length prefix and padding included. */
  offset: number;
  length: number;
  /** For leaves; for arrays and lists the count, for optionals whether it is there. */
  value: Leaf;
  /** Fields, elements, or the optional's or opaque's one content, under its holder's name. */
  children: TreeNode[];
}

export interface DecodeFault {
  kind: 'malformed' | 'truncated';
  /** Offset of the field that lied or is cut, in `Input.bytes`. */
  offset: number;
  /** Its path: `args.what.name`. */
  path: string;
  reason: string;
}

/** Why an opaque that holds another program's body was left as bytes. */
export type UndecodedReason = 'no_call' | 'unknown_program' | 'unknown_version' | 'unknown_procedure';

/** Bytes of a body that were left as they are. */
export interface Undecoded {
  /** `unknown_operation`: one of an array whose elements carry no length; it and the ones behind it are left. */
  reason: UndecodedReason | 'unknown_operation';
  /** Of the first of them, in `Input.bytes`. */
  offset: number;
  length: number;
  /** Of an unknown operation: its number, and its place in the array from 0. */
  place?: { operation: number; index: number };
}

export interface DecodeContext {
  /** A value of the call's arguments, by path; undefined when the call is not known. */
  callField(path: string): number | undefined;
  /** The plan of another program's arguments or result. */
  body(program: number, version: number, procedure: number, direction: 'call' | 'reply'): Plan | UndecodedReason;
}

export interface Input {
  bytes: Uint8Array;
  /** The body: `bytes[start..end)` is there of what reaches to `limit`. */
  start: number;
  end: number;
  limit: number;
  context: DecodeContext;
}

export interface Decoded {
  /** null when not even the first byte of a leaf was there. */
  root: TreeNode | null;
  /** Where decoding ended. */
  next: number;
  fault: DecodeFault | null;
  notes: string[];
  undecoded: Undecoded | null;
}

export const noContext: DecodeContext = { callField: () => undefined, body: () => 'no_call' };
