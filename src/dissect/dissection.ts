/**
 * What the dissector finds of a message: names, status, and its
 * body's place and plan. One object is used again for all messages.
 */
import type { Message } from '../rpc/message.js';
import type { Plan } from '../xdr/plan.js';
import type { UndecodedReason } from '../xdr/tree-node.js';
import type { Extent } from './extent.js';
import type { Integrity } from './gss.js';
import type { Compound } from './operations.js';
import type { Procedure } from './procedure.js';
import { NONE_RELATED, type Related } from './related.js';
import type { CacheResult } from './request-cache.js';

/** Why a body was not decoded: the key `undecoded` of records. */
export type BodyReason = UndecodedReason | 'encrypted' | 'evicted';

/** What is known of one message beyond its header. Holds until the next message. */
export interface Dissection {
  message: Message;
  /** Short name of the program; undefined when nobody knows it, or for a reply without its call. */
  programName: string | undefined;
  procedureName: string | undefined;
  procedure: Procedure | null;
  /** The body's plan; null when there is none to decode. */
  plan: Plan | null;
  extent: Extent;
  undecoded: BodyReason | null;
  /** The program's status word; null when the message has none, or it was cut off. */
  status: string | null;
  statusNumber: number;
  /** The status is the usual success: nothing to show. */
  isPlainSuccess: boolean;
  /** The call failed: at the RPC level, or by the program's status. null: a call, or too little of a reply to know. */
  error: boolean | null;
  /** Of a second reply: what it shows of the server's duplicate request cache; null: nothing. */
  requestCache: CacheResult | null;
  /** The operations of a compound; null for all other procedures. */
  compound: Compound | null;
  /** The wrapping of a body whose integrity RPCSEC_GSS protects. */
  integrity: Integrity | null;
  /** The verifier's type, where the message says another one than its flavor. */
  verifierPlan: Plan | null;
  /** True when the body was looked through to its end, and nothing is wrong with it. */
  isWhole: boolean;
  /** Other messages that this one has to do with. */
  related: readonly Related[];
}

/** One that says nothing of its message yet. */
export function newDissection(message: Message): Dissection {
  return {
    message,
    programName: undefined,
    procedureName: undefined,
    procedure: null,
    plan: null,
    extent: { bytes: new Uint8Array(0), at: 0, end: 0, limit: 0 },
    undecoded: null,
    status: null,
    statusNumber: 0,
    isPlainSuccess: true,
    error: null,
    requestCache: null,
    compound: null,
    isWhole: false,
    integrity: null,
    verifierPlan: null,
    related: NONE_RELATED,
  };
}
