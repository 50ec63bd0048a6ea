/** What is wrong or odd in a message, as its record says it: of the header, of credential and verifier, and of the body. */
import type { Dissection } from '../dissect/dissection.js';
import type { FieldSource } from '../dissect/field-source.js';
import { authPlan } from '../rpc/auth/flavor.js';
import { authFlavor } from '../rpc/auth/index.js';
import type { Fault, Message } from '../rpc/message.js';
import { decodeTree } from '../xdr/tree.js';
import { type Decoded, type DecodeFault, noContext } from '../xdr/tree-node.js';
import { type AuthPart, roleOf } from './auth-fields.js';

const PARTS = ['credential', 'verifier'] as const;

/** The fault of a message; the first one counts. null: it has none, or only lacks bytes. */
export function faultOf(dissection: Dissection, source: FieldSource): Fault | null {
  const { message } = dissection;
  if (message.headerFault !== null) return message.headerFault;
  for (const part of PARTS) {
    const fault = decodeAuth(message, part)?.fault;
    if (fault?.kind === 'malformed') return placed(fault, message);
  }
  const fault = source.fault(dissection);
  return fault && placed(fault, message);
}

export function notesOf(dissection: Dissection, source: FieldSource): string[] {
  const { message } = dissection;
  const ofAuth = PARTS.flatMap((part) => decodeAuth(message, part)?.notes ?? []);
  return [...message.notes, ...ofAuth, ...(source.decode(dissection)?.notes ?? [])];
}

/** Why the body, or one inside it, was left as bytes; null: it was not. */
export function undecodedOf(dissection: Dissection, source: FieldSource): string | null {
  return dissection.undecoded ?? source.decode(dissection)?.undecoded?.reason ?? null;
}

function placed({ offset, path, reason }: DecodeFault, message: Message): Fault {
  return { offset: offset - message.start, field: path, reason };
}

/** Decodes a credential or verifier; null where it has no fields. */
function decodeAuth(message: Message, part: AuthPart): Decoded | null {
  const { flavor, start, length, limit } = message[part];
  const plan = flavor < 0 ? undefined : authPlan(authFlavor(flavor, message.program), roleOf(part, message.type));
  if (plan === undefined || length === 0) return null;
  const input = { bytes: message.bytes, start, end: Math.min(message.end, limit), limit, context: noContext };
  return decodeTree(plan, input, part);
}
