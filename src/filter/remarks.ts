/** What is wrong or odd in a message, as in its record: in the header, in credential and verifier, and in the body. */

import type { Dissection } from '../dissect/dissection.js';
import type { FieldSource } from '../dissect/field-source.js';
import { AUTH_PARTS, decodeAuth, findAuthFault } from '../dissect/opaque-auth.js';
import type { Fault, Message } from '../rpc/message.js';
import type { DecodeFault, Undecoded } from '../xdr/tree-node.js';

/** The first fault of a message; null when it has none, or only lacks bytes. */
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

/** The part of a body that was not decoded: its bytes, as far as captured, and its full length. */
export interface LeftAsBytes extends Pick<Undecoded, 'length' | 'place'> {
  reason: string;
  data: Uint8Array;
}

/** null: everything was decoded. */
export function undecodedOf(dissection: Dissection, source: FieldSource): LeftAsBytes | null {
  const { undecoded, extent, message } = dissection;
  const dataOf = (start: number, end: number) => message.bytes.subarray(start, Math.max(start, end));
  if (undecoded !== null) {
    const { at, limit, end } = extent;
    return { reason: undecoded, length: limit - at, data: dataOf(at, Math.min(end, limit)) };
  }
  const found = source.decode(dissection)?.undecoded ?? null;
  return found && { ...found, data: dataOf(found.offset, Math.min(message.end, found.offset + found.length)) };
}

function placed({ offset, path, reason }: DecodeFault, message: Message): Fault {
  return { offset: offset - message.start, field: path, reason };
}
