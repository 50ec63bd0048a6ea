/**
 * Decodes credentials and verifiers (opaque_auth, RFC 5531 §8.2), and finds what is wrong with one. They belong to the
 * header, but are looked into only where somebody asks.
 */
import { authPlan, roleOf } from '../rpc/auth/flavor.js';
import { authFlavor } from '../rpc/auth/index.js';
import { isSound } from '../rpc/auth/sys.js';
import type { AuthPart, Message, OpaqueAuth } from '../rpc/message.js';
import { fills } from '../xdr/codegen-extract.js';
import type { Plan } from '../xdr/plan.js';
import { decodeTree } from '../xdr/tree.js';
import { type Decoded, type DecodeFault, noContext } from '../xdr/tree-node.js';
import type { Dissection } from './dissection.js';

const AUTH_NONE = 0;

export const AUTH_PARTS: readonly AuthPart[] = ['credential', 'verifier'];

/** The plan of a credential or verifier; undefined where it has no fields, or is not there. */
export function planOfAuth({ message, verifierPlan }: Dissection, part: AuthPart): Plan | undefined {
  const { flavor } = message[part];
  if (flavor < 0) return undefined;
  if (part === 'verifier' && verifierPlan !== null) return verifierPlan;
  return authPlan(authFlavor(flavor, message.program), roleOf(part, message.type));
}

/** Decodes a credential or verifier by `by`; null where it has no fields, or no bytes. */
export function decodeAuth(dissection: Dissection, part: AuthPart, by = decodeTree): Decoded | null {
  const { message } = dissection;
  const { start, length, limit } = message[part];
  const plan = length === 0 ? undefined : planOfAuth(dissection, part);
  if (plan === undefined) return null;
  const input = { bytes: message.bytes, start, end: Math.min(message.end, limit), limit, context: noContext };
  return by(plan, input, part);
}

/** The first fault of a credential or verifier; null: they have none, or only lack bytes. */
export function findAuthFault(dissection: Dissection): DecodeFault | null {
  const { message } = dissection;
  if (isUsual(message, message.credential) && isUsual(message, message.verifier)) return null;
  for (const part of AUTH_PARTS) {
    const fault = faultOf(dissection, part);
    if (fault?.kind === 'malformed') return fault;
  }
  return null;
}

function faultOf(dissection: Dissection, part: AuthPart): DecodeFault | null {
  const { message } = dissection;
  const auth = message[part];
  if (isUsual(message, auth)) return null;
  const plan = planOfAuth(dissection, part);
  if (plan === undefined || (auth.isWhole && fills(plan, message.bytes, auth.start, auth.limit))) return null;
  return decodeAuth(dissection, part)?.fault ?? null;
}

/** True for what nearly all messages have: no bytes, or an identity that adds up. */
function isUsual({ bytes }: Message, auth: OpaqueAuth): boolean {
  return auth.length === 0 || auth.flavor <= AUTH_NONE || isSound(auth, bytes);
}
