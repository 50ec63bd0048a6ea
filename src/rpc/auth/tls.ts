/**
 * AUTH_TLS and STARTTLS (RFC 9289 §4.1). A client asks whether the server speaks RPC-with-TLS with a NULL
 * call whose credential is AUTH_TLS, with an empty body. A server that does answers with a verifier of
 * flavor AUTH_NONE that holds a token.
 */
import type { Rest } from '../../network/rest.js';
import { CALL, type Message, MSG_ACCEPTED, REPLY } from '../message.js';
import type { AuthFlavor } from './flavor.js';
import { authNone } from './none.js';

export const authTls: AuthFlavor = { number: 7, name: 'AUTH_TLS' };

const PROBE_NOTE = 'asks for RPC-with-TLS';

const TOKEN = Buffer.from('STARTTLS');
const NULL_PROCEDURE = 0;

/** True for a call that asks for TLS. */
export function isTlsProbe({ type, credential, procedure }: Message): boolean {
  return type === CALL && credential.flavor === authTls.number && procedure === NULL_PROCEDURE;
}

/** True for a reply that turns the connection to TLS, if its call asked for it. */
export function offersTls({ type, replyStat, verifier, bytes }: Message): boolean {
  return (
    type === REPLY &&
    replyStat === MSG_ACCEPTED &&
    verifier.isWhole &&
    isStartTls(bytes, verifier.flavor, verifier.start, verifier.start + verifier.length)
  );
}

/** True for a verifier that holds the token. */
export function isStartTls(bytes: Uint8Array, flavor: number, start: number, end: number): boolean {
  return flavor === authNone.number && end - start === TOKEN.length && TOKEN.equals(bytes.subarray(start, end));
}

/** Follows what the messages of one connection say about TLS. */
export class TlsNegotiation {
  /** The client asked for TLS. */
  isAskedFor = false;
  private xid = 0;

  /** Writes or reads what is kept at rest. */
  keepAtRest(rest: Rest): void {
    this.isAskedFor = rest.flag(this.isAskedFor);
    this.xid = rest.integer(this.xid);
  }

  /**
   * Notes what a message says. True: it accepts the request for TLS, which follows.
   * @param where Where it follows, for the note.
   */
  follow(message: Message, where: string): boolean {
    if (isTlsProbe(message)) {
      this.isAskedFor = true;
      this.xid = message.xid;
      message.notes.push(PROBE_NOTE);
      return false;
    }
    if (!offersTls(message)) return false;
    // If the call is known and did not ask for TLS, the reply means nothing; an unknown call may have asked.
    if (message.exchange >= 0 && !(this.isAskedFor && this.xid === message.xid)) return false;
    message.notes.push(`STARTTLS: what follows ${where}`);
    return true;
  }
}
