/** What lists say of a call that failed: of RPC's refusals, also where the words are none of RFC 5531 section 9, and of the program's status. */
import { expect, test } from 'vitest';
import type { Dissection } from '../../src/dissect/dissection.js';
import { failureText } from '../../src/dissect/failure.js';
import { Message } from '../../src/rpc/message.js';

test.each([
  [{ replyStat: 0, acceptStat: 1 }, 'PROG_UNAVAIL'],
  [{ replyStat: 0, acceptStat: 2, low: 2, high: 4 }, 'PROG_MISMATCH (2 to 4)'],
  [{ replyStat: 0, acceptStat: 2, low: 2, high: -1 }, 'PROG_MISMATCH (low 2)'],
  [{ replyStat: 0, acceptStat: 2, low: -1, high: -1 }, 'PROG_MISMATCH'],
  [{ replyStat: 0, acceptStat: 9 }, 'accept_stat 9'],
  [{ replyStat: 1, rejectStat: 0, low: 2, high: 2 }, 'RPC_MISMATCH (2 to 2)'],
  [{ replyStat: 1, rejectStat: 0, low: 2, high: -1 }, 'RPC_MISMATCH (low 2)'],
  [{ replyStat: 1, rejectStat: 1, authStat: 5 }, 'AUTH_ERROR AUTH_TOOWEAK'],
  [{ replyStat: 1, rejectStat: 7 }, 'reject_stat 7'],
  [{ replyStat: 1 }, 'MSG_DENIED'],
  [{ replyStat: 7 }, 'reply_stat 7'],
  [{ replyStat: 0 }, ''],
  [{ replyStat: 0, acceptStat: 0 }, 'NFS3ERR_STALE'],
  [{}, ''],
])('%j: %s', (stats, expected) => {
  const message = Object.assign(new Message(), { replyStat: -1 }, stats);
  expect(failureText({ message, status: 'NFS3ERR_STALE', error: true } as unknown as Dissection)).toBe(expected);
});
