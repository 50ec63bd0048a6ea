/**
 * Calls that left the table of exchanges before their reply came (`undecoded.reason` is `evicted`): when and in which
 * frame they were sent, so that a late reply is not taken for one whose call was not captured. Bounded: of more calls
 * the newest are known.
 */
import { MAX_FORGOTTEN_CALLS } from '../limits/rpc.js';
import { nanosecondsBetween } from '../network/stamp.js';
import type { Message } from './message.js';
import { Recent } from './recent.js';

interface ForgottenCall {
  frame: number;
  /** Index of the input. */
  file: number;
  seconds: number;
  nanoseconds: number;
}

export class ForgottenCalls {
  private readonly calls = new Recent<ForgottenCall>(MAX_FORGOTTEN_CALLS);

  add(owner: number, xid: number, call: ForgottenCall): void {
    this.calls.set(keyOf(owner, xid), call);
  }

  /** Sets `callFrame`, `callFile` and `elapsed` of a reply whose call is one of these. */
  answer(message: Message, owner: number): void {
    const call = this.calls.get(keyOf(owner, message.xid | 0));
    if (call === undefined) return;
    message.callFrame = call.frame;
    message.callFile = call.file;
    message.elapsed = nanosecondsBetween(call.seconds, call.nanoseconds, message.seconds, message.nanoseconds);
  }
}

function keyOf(owner: number, xid: number): string {
  return `${owner}/${xid}`;
}
