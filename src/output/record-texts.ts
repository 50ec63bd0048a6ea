/**
 * Recurring parts of records, prepared: the text between two values, the text that all messages
 * of one direction of a connection share, and that of all calls or replies of a procedure.
 */
import type { Procedure } from '../dissect/procedure.js';
import { MAX_AWAKE_FLOWS } from '../limits/network.js';
import { MAX_KEPT_DIRECTIONS } from '../limits/output.js';
import { MAX_CACHED_TEXTS } from '../limits/xdr.js';
import { transportName } from '../network/protocols.js';
import type { Message } from '../rpc/message.js';
import { PreparedText } from '../xdr/prepared-text.js';
import { RecentTexts } from './recent-texts.js';

/** Keys with the punctuation around them. */
export const KEYS = {
  message: new PreparedText('{"message":'),
  frame: new PreparedText(',"frame":'),
  file: new PreparedText(',"file":'),
  interface: new PreparedText(',"interface":'),
  xid: new PreparedText(',"xid":'),
  callFrame: new PreparedText(',"call_frame":'),
  callFile: new PreparedText(',"call_file":'),
  firstFile: new PreparedText(',"first_file":'),
  elapsed: new PreparedText(',"elapsed":'),
  credential: new PreparedText(',"credential":{"flavor":'),
  verifier: new PreparedText(',"verifier":{"flavor":'),
  replyStat: new PreparedText(',"reply_stat":'),
  acceptStat: new PreparedText(',"accept_stat":'),
  rejectStat: new PreparedText(',"reject_stat":'),
  authStat: new PreparedText(',"auth_stat":'),
  high: new PreparedText(',"high":'),
  program: new PreparedText(',"program":'),
  programNumber: new PreparedText(',"program_number":'),
  version: new PreparedText(',"version":'),
  procedure: new PreparedText(',"procedure":'),
  procedureNumber: new PreparedText(',"procedure_number":'),
  operation: new PreparedText(',"operation":'),
  operations: new PreparedText(',"operations":['),
  op: new PreparedText(',"op":'),
  firstOp: new PreparedText('{"op":'),
  nextOp: new PreparedText(',{"op":'),
  status: new PreparedText(',"status":'),
  statusNumber: new PreparedText(',"status_number":'),
  summary: new PreparedText(',"summary":"'),
  args: new PreparedText(',"args":'),
  result: new PreparedText(',"result":'),
  resultHex: new PreparedText(',"result_hex":'),
  mechanism: new PreparedText(',"mechanism":'),
} as const;

export const CALL_TYPE = new PreparedText(',"type":"call"');
export const REPLY_TYPE = new PreparedText(',"type":"reply"');
export const ERROR = new PreparedText(',"error":true');
export const NO_ERROR = new PreparedText(',"error":false');
/** The stats of most replies. */
export const PLAIN_SUCCESS = new PreparedText(
  ',"reply_stat":"MSG_ACCEPTED","verifier":{"flavor":"AUTH_NONE"},"accept_stat":"SUCCESS"',
);

/** The text of all messages of one direction of a connection before their time, and between time and length. */
export interface DirectionTexts {
  before: PreparedText;
  after: PreparedText;
}

export class Directions {
  private readonly texts = new RecentTexts<DirectionTexts>(MAX_KEPT_DIRECTIONS);

  get(message: Message): DirectionTexts {
    const { source, destination, connection } = message;
    const key = connection * 2 + (source.id < destination.id ? 0 : 1);
    let texts = this.texts.get(key);
    if (texts === undefined) {
      texts = {
        before: new PreparedText(`,"connection":${connection},"time":"`),
        after: new PreparedText(
          `,"transport":"${transportName(message.protocol)}","src":"${source.address}","src_port":${source.port}` +
            `,"dst":"${destination.address}","dst_port":${destination.port},"length":`,
        ),
      };
      this.texts.set(key, texts);
    }
    return texts;
  }
}

/** The text that calls and replies of a procedure share; undefined until the first is written. */
export interface ProcedureTexts {
  call: PreparedText | undefined;
  reply: PreparedText | undefined;
  /** By status number and error: the members that say both. A call may have a status too (NLM's `_RES`). */
  callOutcomes: Map<number, PreparedText>;
  replyOutcomes: Map<number, PreparedText>;
}

export class ProcedureTextCache {
  private readonly texts = new Map<Procedure, ProcedureTexts>();
  private last: Procedure | null = null;
  private lastTexts: ProcedureTexts | null = null;

  get(procedure: Procedure): ProcedureTexts {
    if (procedure === this.last) return this.lastTexts!;
    let texts = this.texts.get(procedure);
    if (texts === undefined) {
      // Callbacks, and the control procedures of RPCSEC_GSS, are separate procedures for each program number.
      if (this.texts.size >= MAX_CACHED_TEXTS) this.texts.clear();
      texts = { call: undefined, reply: undefined, callOutcomes: new Map(), replyOutcomes: new Map() };
      this.texts.set(procedure, texts);
    }
    this.last = procedure;
    this.lastTexts = texts;
    return texts;
  }

  outcomes(procedure: Procedure, isCall: boolean): Map<number, PreparedText> {
    const texts = this.get(procedure);
    return isCall ? texts.callOutcomes : texts.replyOutcomes;
  }
}

interface KnownCredential {
  program: number;
  bytes: Uint8Array;
  text: PreparedText;
}

/**
 * The credential and verifier of the last call of a connection: its next call mostly carries
 * the same bytes. Connections may share a place, and then replace each other's text.
 */
export class CredentialTexts {
  private readonly places: (KnownCredential | undefined)[] = new Array(MAX_AWAKE_FLOWS);

  /**
   * The text for the opaque_auths of a call, which begin at
   * `start` and end at its body; undefined when the bytes differ.
   */
  get({ connection, program, bytes, body }: Message, start: number): PreparedText | undefined {
    const known = this.places[connection % MAX_AWAKE_FLOWS];
    if (known === undefined || known.program !== program) return undefined;
    return isSame(known.bytes, bytes, start, body) ? known.text : undefined;
  }

  set({ connection, program, bytes, body }: Message, start: number, text: PreparedText): void {
    this.places[connection % MAX_AWAKE_FLOWS] = { program, bytes: new Uint8Array(bytes.subarray(start, body)), text };
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
