/** Why a call failed, in words: what RPC refused (RFC 5531 §9), or the program's status. */
import {
  ACCEPT_STATS,
  AUTH_STATS,
  type Message,
  MSG_ACCEPTED,
  MSG_DENIED,
  REJECT_STATS,
  REPLY_STATS,
  SUCCESS,
} from '../rpc/message.js';
import type { Dissection } from './dissection.js';

/** What a reply says that must be shown: a failure, or a success that is not the plain one (a lock is BLOCKED). */
export function notableStatus(dissection: Dissection): string {
  const { status, error, isPlainSuccess } = dissection;
  return error === false && !isPlainSuccess ? (status ?? '') : failureText(dissection);
}

/** What went wrong with a call, at the RPC level or in the program. */
export function failureText(dissection: Dissection): string {
  const { message, status, error } = dissection;
  if (!error) return '';
  if (message.replyStat < 0) return '';
  if (message.replyStat !== MSG_ACCEPTED) {
    if (message.replyStat > MSG_DENIED) return `reply_stat ${message.replyStat}`;
    if (message.rejectStat < 0) return REPLY_STATS[MSG_DENIED];
    const reject = REJECT_STATS[message.rejectStat] ?? `reject_stat ${message.rejectStat}`;
    if (message.authStat >= 0) return `${reject} ${AUTH_STATS[message.authStat] ?? message.authStat}`;
    return reject + supportedText(message);
  }
  if (message.acceptStat !== SUCCESS) {
    if (message.acceptStat < 0) return '';
    const accept = ACCEPT_STATS[message.acceptStat] ?? `accept_stat ${message.acceptStat}`;
    return accept + supportedText(message);
  }
  return status ?? '';
}

/** The versions that a server supports (`mismatch_info`); a reply may end before the words that say so. */
function supportedText({ low, high }: Message): string {
  if (low < 0) return '';
  return high < 0 ? ` (low ${low})` : ` (${low} to ${high})`;
}
