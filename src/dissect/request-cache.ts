/**
 * Judges duplicate request caches from outside. A server that gets a call twice should send its first reply again. For
 * procedures that cannot be done twice, the status of the second reply shows whether it did: success again is a hit; an
 * error because the file exists already, or is gone already, is a miss. For all others a second reply shows nothing.
 */
import type { Message } from '../rpc/message.js';

export type CacheResult = 'hit' | 'miss';

const NFS = 100003;
/** NFS3ERR_NOENT and NFS3ERR_EXIST (RFC 1813 §2.6); the same numbers in versions 2 and 4. */
const NOENT = 2;
const EXIST = 17;

/**
 * The error of a second execution when the first one succeeded, by version and procedure: RFC 1094 §2.2, RFC 1813 §3.
 */
const SECOND: Record<number, ReadonlyMap<number, number>> = {
  // CREATE, REMOVE, RENAME, LINK, SYMLINK, MKDIR, RMDIR
  2: new Map([
    [9, EXIST],
    [10, NOENT],
    [11, NOENT],
    [12, EXIST],
    [13, EXIST],
    [14, EXIST],
    [15, NOENT],
  ]),
  // CREATE, MKDIR, SYMLINK, MKNOD, REMOVE, RMDIR, RENAME, LINK
  3: new Map([
    [8, EXIST],
    [9, EXIST],
    [10, EXIST],
    [11, EXIST],
    [12, NOENT],
    [13, NOENT],
    [14, NOENT],
    [15, EXIST],
  ]),
};

/**
 * CREATE by version. Unless it is GUARDED, it succeeds a second time too (RFC 1094 §2.2.10, RFC 1813 §3.3.8), so only a
 * reply of the same bytes is a hit.
 */
const CREATE = [-1, -1, 9, 8];

/** The procedures of each version as bits: asked of every reply. */
const CACHEABLE = [0, 0, bitsOf(SECOND[2]), bitsOf(SECOND[3])];

function bitsOf(procedures: ReadonlyMap<number, number>): number {
  return [...procedures.keys()].reduce((bits, procedure) => bits | (1 << procedure), 0);
}

/** True for the replies of procedures that cannot be done twice. */
export function isCacheable({ program, version, procedure }: Message): boolean {
  if (program !== NFS || version >= CACHEABLE.length || procedure > 31) return false;
  return ((CACHEABLE[version] >> procedure) & 1) !== 0;
}

/** Judges the second reply to such a call by the status of both; null where it shows nothing. */
export function cacheResult(message: Message, first: number, second: number): CacheResult | null {
  if (first !== 0) return null;
  if (second === 0) return message.procedure === CREATE[message.version] && !message.sameBytes ? null : 'hit';
  return second === SECOND[message.version].get(message.procedure) ? 'miss' : null;
}
