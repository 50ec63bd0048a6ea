/** What is wrong or odd in a message, as its record says it: of the header, of credential and verifier, and of the body. */
import { AUTH_PARTS, decodeAuth, findAuthFault } from '../dissect/auth-faults.js';
import type { Dissection } from '../dissect/dissection.js';
import type { FieldSource } from '../dissect/field-source.js';
import type { Fault, Message } from '../rpc/message.js';
import type { DecodeFault } from '../xdr/tree-node.js';

/** The fault of a message; the first one counts. null: it has none, or only lacks bytes. */
export function faultOf(dissection: Dissection, source: FieldSource): Fault | null {
  const { message } = dissection;
  if (message.headerFault !== null) return message.headerFault;
  const fault = findAuthFault(dissection) ?? source.fault(dissection);
  return fault && placed(fault, message);
}

export function notesOf(dissection: Dissection, source: FieldSource): string[] {
  const { message } = dissection;
  const ofAuth = AUTH_PARTS.flatMap((part) => decodeAuth(dissection, part)?.notes ?? []);
  return [...message.notes, ...ofAuth, ...(source.decode(dissection)?.notes ?? [])];
}

/** Why the body, or one inside it, was left as bytes; null: it was not. */
export function undecodedOf(dissection: Dissection, source: FieldSource): string | null {
  return dissection.undecoded ?? source.decode(dissection)?.undecoded?.reason ?? null;
}

function placed({ offset, path, reason }: DecodeFault, message: Message): Fault {
  return { offset: offset - message.start, field: path, reason };
}
