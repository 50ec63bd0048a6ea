/**
 * Links messages of the lock manager's protocol (XNFS chapter 10) beyond calls and replies. Its asynchronous calls are
 * answered by calls: a _RES names the cookie of its _MSG, and goes the other way between the same two hosts. A lock
 * that was refused as BLOCKED is granted later, by the server's GRANTED with the same handle, owner and range.
 */
import { MAX_LOCK_LINKS } from '../limits/dissect.js';
import { CALL, type Message } from '../rpc/message.js';
import { Recent } from '../rpc/recent.js';
import { read32 } from '../xdr/bytes.js';
import { extract, wantPaths } from '../xdr/extract.js';
import type { Plan } from '../xdr/plan.js';
import type { Extent } from './extent.js';
import { type FramePlace, NONE_RELATED, type Related } from './related.js';

export const NLM = 100021;

/** The same procedures in all versions: LOCK, GRANTED, and from TEST_MSG to GRANTED_RES. */
const LOCK = 2;
const GRANTED = 5;
const FIRST_MSG = 6;
const LOCK_MSG = 7;
const GRANTED_MSG = 10;
const FIRST_RES = 11;
const LOCK_RES = 12;
const LAST_RES = 15;
const NM_LOCK = 22;
/** LCK_BLOCKED, NLM4_BLOCKED. */
const BLOCKED = 3;

const PATHS = ['cookie', 'alock.fh', 'alock.l_len'];
const WANTED = wantPaths(PATHS);

interface Request {
  place: FramePlace;
  lock: string | null;
  isAnswered: boolean;
}

export class NlmLinks {
  /** Requests without a result, and blocked locks, that left their tables. */
  evicted = 0;
  private readonly slots = new Int32Array(2 * PATHS.length);
  /** Asynchronous calls, by who called whom, and procedure and cookie. */
  private readonly requests = new Recent<Request>(MAX_LOCK_LINKS, ({ isAnswered }) => {
    if (!isAnswered) this.evicted++;
  });
  /** Messages that refused a lock for now, by client, server and lock. */
  private readonly blocked = new Recent<FramePlace>(MAX_LOCK_LINKS, () => this.evicted++);
  /** The same of locks that were granted since: a server may send GRANTED again. They do not push out those that wait. */
  private readonly granted = new Recent<FramePlace>(MAX_LOCK_LINKS);

  /**
   * Finds the messages that a call is linked to; `lock` is the
   * one that its reply will be about. `status` is that of a _RES.
   */
  call(
    message: Message,
    plan: Plan,
    extent: Extent,
    status: number,
  ): { related: readonly Related[]; lock: string | null } {
    const { procedure, source, destination } = message;
    extract(plan, WANTED, extent.bytes, extent.at, extent.end, extent.limit, this.slots);
    const cookie = this.cookie(extent);
    const isResult = procedure >= FIRST_RES && procedure <= LAST_RES;
    if (isResult) return { related: this.result(message, cookie, status), lock: null };
    const lock = this.lock(extent, message.version);
    if (procedure >= FIRST_MSG && procedure <= GRANTED_MSG && cookie !== null) {
      this.requests.set(`${source.address}/${destination.address}/${procedure}/${cookie}`, {
        place: placeOf(message),
        lock,
        isAnswered: false,
      });
    }
    if (procedure === GRANTED || procedure === GRANTED_MSG) return { related: this.grant(message, lock), lock: null };
    return { related: NONE_RELATED, lock: procedure === LOCK || procedure === NM_LOCK ? lock : null };
  }

  /** Takes the reply to a call that had `lock`. */
  reply(message: Message, lock: string, status: number): void {
    const { source, destination } = message;
    if (status === BLOCKED) this.blocked.set(`${destination.address}/${source.address}/${lock}`, placeOf(message));
  }

  private result(message: Message, cookie: string | null, status: number) {
    const { procedure, source, destination } = message;
    const asked = procedure - FIRST_RES + FIRST_MSG;
    const request = this.requests.get(`${destination.address}/${source.address}/${asked}/${cookie}`);
    if (request === undefined) return NONE_RELATED;
    request.isAnswered = true;
    if (procedure === LOCK_RES && asked === LOCK_MSG && status === BLOCKED && request.lock !== null) {
      this.blocked.set(`${destination.address}/${source.address}/${request.lock}`, placeOf(message));
    }
    return [{ kind: 'request', ...request.place }] satisfies Related[];
  }

  private grant({ source, destination }: Message, lock: string | null): readonly Related[] {
    if (lock === null) return NONE_RELATED;
    const key = `${destination.address}/${source.address}/${lock}`;
    const place = this.blocked.get(key) ?? this.granted.get(key);
    if (place === undefined) return NONE_RELATED;
    this.blocked.delete(key);
    this.granted.set(key, place);
    return [{ kind: 'blocked', ...place }];
  }

  private cookie({ bytes }: Extent): string | null {
    const at = this.slots[0];
    return at < 0 ? null : textOf(bytes, at + 4, at + 4 + read32(bytes, at));
  }

  /** Handle, owner and range stand behind one another in a lock; offsets and lengths have 64 bits from version 4 on. */
  private lock({ bytes }: Extent, version: number): string | null {
    const [, , start, , last] = this.slots;
    return start < 0 || last < 0 ? null : textOf(bytes, start, last + (version >= 4 ? 8 : 4));
  }
}

function placeOf({ frame, file }: Message): FramePlace {
  return { frame, file };
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** True for messages that may be linked. */
export function isLinked({ program, type, procedure }: Message): boolean {
  return program === NLM && (type === CALL || procedure === LOCK || procedure === NM_LOCK);
}
