/** Messages that a message is linked to, beyond its own call or reply. */

/**
 * - `gss_context`: the reply that made the security context of this message (RFC 2203 §5.2.2).
 * - `request`: the call that this call answers (NLM's _RES answers _MSG, joined by their cookie).
 * - `blocked`: the message that refused the lock for now, which this NLM GRANTED grants.
 * - `replay`: the call with the same NFSv4.1 session, slot and sequence number, which this one repeats (RFC 8881 §2.10.6.1).
 */
export type Relation = 'gss_context' | 'request' | 'blocked' | 'replay';

/** The frame of a message, and the index of the input that has it. */
export interface FramePlace {
  frame: number;
  file: number;
}

export interface Related extends FramePlace {
  kind: Relation;
  /** Of a security context: its GSS-API mechanism, where its making was seen. */
  mechanism?: string;
}

/** Shared by all messages that stand alone. */
export const NONE_RELATED: readonly Related[] = [];
