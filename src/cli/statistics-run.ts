/** Reads captures for statistics or a report: all exchanges, or those that `-Y` selects. */
import type { Dissection } from '../dissect/dissection.js';
import type { Wants } from '../dissect/procedure.js';
import { CALL } from '../rpc/message.js';
import type { UnansweredOutcome } from '../rpc/outcome.js';
import { CaptureRun, type RunOptions } from './capture-run.js';

/** Counts exchanges. */
export interface Counter {
  add(dissection: Dissection): void;
  addUnanswered(exchange: number, outcome: UnansweredOutcome): void;
}

export interface StatisticsOptions extends RunOptions {
  /** False: files are identified by their handles. */
  names: boolean;
}

/** @param counter Returns the counter; called once captures are read. */
export function openStatistics(
  captures: string[],
  options: StatisticsOptions,
  wants: Wants,
  counter: () => Counter,
): Promise<CaptureRun> {
  const add = (dissection: Dissection) => counter().add(dissection);
  const addUnanswered = (slot: number, outcome: UnansweredOutcome) => counter().addUnanswered(slot, outcome);
  const names = options.names || 'hashes';
  if (options.displayFilter === undefined) {
    const hooks = { wants, names, comparesReplies: false, onUnanswered: addUnanswered } as const;
    return CaptureRun.open(captures, options, hooks, add);
  }
  const observe = (dissection: Dissection) => {
    if (dissection.message.type === CALL) add(dissection);
  };
  return CaptureRun.openExchanges(captures, options, { names, observe }, ({ reply, slot, outcome }) => {
    if (reply !== null) add(reply);
    else if (outcome !== 'answered') addUnanswered(slot, outcome);
  });
}
