/**
 * Calls that a client repeats because the server answers that it is not ready: a grace period after a
 * restart, a delegation that another client has to return, a file that has to come from tape, a lock that another
 * holds. Each is a new call with its own reply, so no count of retransmissions shows them. Calls with the same client,
 * server and summary are the same loop. Bounded: a loop that was not refused for `RETRY_SILENCE_SECONDS` is over and makes
 * room. Where all loops go on, calls that would begin another one are not followed but counted, so that loops that take
 * turns do not push each other out. Of the loops that are over, those with the most replies are kept.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { Exchange } from '../dissect/exchange.js';
import { sureOperation } from '../dissect/operations.js';
import { MAX_RETRY_LOOPS, RETRY_SILENCE_SECONDS } from '../limits/analysis.js';
import type { Endpoint } from '../network/flow.js';
import { nanosecondsBetween } from '../network/stamp.js';
import type { Message } from '../rpc/message.js';
import type { Time } from './account.js';

/** RFC 8881 §15.1.1.3, §15.1.9.2; RFC 1813 §2.6; XNFS chapter 10. */
const NOT_READY: ReadonlySet<string> = new Set([
  'NFS4ERR_DELAY',
  'NFS4ERR_GRACE',
  'NFS3ERR_JUKEBOX',
  'LCK_DENIED_GRACE_PERIOD',
  'NLM4_DENIED_GRACE_PERIOD',
]);

/** Of LOCK: another holds the lock (RFC 8881 §15.1.8.3; XNFS chapter 10). A client that waits for it asks again. */
const HELD: ReadonlySet<string> = new Set(['NFS4ERR_DENIED', 'NLM4_DENIED', 'LCK_DENIED']);

/** A point in the capture. */
export interface Moment extends Time {
  frame: number;
  /** Index of the input. */
  file: number;
}

export interface RetryLoop {
  client: Endpoint;
  server: Endpoint;
  program: string | undefined;
  programNumber: number;
  version: number;
  procedure: string | undefined;
  summary: string;
  status: string;
  /** Number of replies with this status. */
  count: number;
  /** The first call, and the newest reply with this status. */
  first: Moment;
  last: Moment;
  /** The reply that ended the loop; null: none was seen. */
  end: Moment | null;
  endStatus: string | null;
}

export class RetryLoops {
  /** Loops that are over and found no room, and replies that refused calls of loops that are not followed. */
  dropped = 0;
  unfollowed = 0;
  /** Open loops by client, server and summary, the one that was refused most recently last; and those that are over. */
  private readonly open = new Map<string, RetryLoop>();
  private ended: RetryLoop[] = [];
  /** How many open loops a program of a server has: exchanges of others need no lookup. */
  private readonly busy = new Map<string, number>();

  /** Takes a finished exchange. */
  add(exchange: Exchange): void {
    const { call, reply } = exchange;
    if (call === null || reply === null) return;
    const isNotReady = reply.status !== null && (NOT_READY.has(reply.status) || isHeld(call, reply.status));
    const place = placeOf(exchange.server, call.message.program, call.message.version);
    if (!isNotReady && !this.busy.has(place)) return;
    const summary = exchange.summary(call);
    const key = `${exchange.client.address} ${place} ${summary}`;
    if (isNotReady) this.refused(exchange, key, place, summary);
    else this.end(key, place, reply.message, reply.status);
  }

  /** Loops that were refused more than once, those with the most replies first. */
  rows(): RetryLoop[] {
    this.keepLongest();
    return [...this.ended, ...this.open.values()].filter(({ count }) => count > 1).sort(compareLoops);
  }

  private refused(exchange: Exchange, key: string, place: string, summary: string): void {
    const { message, status } = exchange.reply!;
    // A file that has to come from tape after the grace period is waited for in a loop of its own.
    if (this.open.get(key)?.status !== status) this.end(key, place, message, status);
    let loop = this.open.get(key);
    if (loop === undefined) {
      if (this.open.size >= MAX_RETRY_LOOPS && !this.dropSilent(message)) {
        this.unfollowed++;
        return;
      }
      loop = newLoop(exchange, summary);
      this.busy.set(place, (this.busy.get(place) ?? 0) + 1);
    }
    this.open.delete(key);
    this.open.set(key, loop);
    loop.count++;
    loop.last = momentOf(message);
  }

  private end(key: string, place: string, reply: Message, status: string | null): void {
    const loop = this.open.get(key);
    if (loop === undefined) return;
    this.forget(key, place);
    loop.end = momentOf(reply);
    loop.endStatus = status;
    this.keep(loop);
  }

  /** Drops the loop that was silent longest, if it is over when `now` comes; false: it may go on. */
  private dropSilent(now: Message): boolean {
    const [[key, loop]] = this.open;
    if (now.seconds - loop.last.seconds <= RETRY_SILENCE_SECONDS) return false;
    this.forget(key, placeOf(loop.server, loop.programNumber, loop.version));
    this.keep(loop);
    return true;
  }

  private keep(loop: RetryLoop): void {
    if (loop.count < 2) return;
    this.ended.push(loop);
    if (this.ended.length > 2 * MAX_RETRY_LOOPS) this.keepLongest();
  }

  private keepLongest(): void {
    const beyond = Math.max(0, this.ended.length - MAX_RETRY_LOOPS);
    if (beyond === 0) return;
    this.dropped += beyond;
    this.ended = this.ended.sort(compareLoops).slice(0, MAX_RETRY_LOOPS);
  }

  private forget(key: string, place: string): void {
    this.open.delete(key);
    const left = this.busy.get(place)! - 1;
    if (left === 0) this.busy.delete(place);
    else this.busy.set(place, left);
  }
}

function isHeld({ compound, procedureName }: Dissection, status: string): boolean {
  return HELD.has(status) && (sureOperation(compound) ?? procedureName) === 'LOCK';
}

/** Those with the most replies first. */
function compareLoops(a: RetryLoop, b: RetryLoop): number {
  return b.count - a.count || compareMoments(a.first, b.first);
}

/** In the order of the capture: of frames at the same time, those of the first input come first. */
export function compareMoments(a: Moment, b: Moment): number {
  return nanosecondsBetween(b.seconds, b.nanoseconds, a.seconds, a.nanoseconds) || a.file - b.file || a.frame - b.frame;
}

function placeOf(server: Endpoint, program: number, version: number): string {
  return `${server.address} ${program} ${version}`;
}

function newLoop(exchange: Exchange, summary: string): RetryLoop {
  const call = exchange.call!;
  const { message } = call;
  return {
    client: exchange.client,
    server: exchange.server,
    program: call.programName,
    programNumber: message.program,
    version: message.version,
    procedure: call.procedureName,
    summary,
    status: exchange.reply!.status!,
    count: 0,
    first: momentOf(message),
    last: momentOf(message),
    end: null,
    endStatus: null,
  };
}

export function momentOf({ frame, file, seconds, nanoseconds }: Message): Moment {
  return { frame, file, seconds, nanoseconds };
}
