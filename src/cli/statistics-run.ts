/** Captures read for statistics, or a report: of all exchanges, or with `-Y` of those that it selects. */
import type { Dissection } from '../dissect/dissection.js';
import type { Wants } from '../dissect/procedure.js';
import { CALL } from '../rpc/message.js';
import type { UnansweredOutcome } from '../rpc/outcome.js';
import { CaptureRun, type RunOptions } from './capture-run.js';

/** What counts exchanges. */
export interface Counter {
  add(dissection: Dissection): void;
  addUnanswered(exchange: number, outcome: UnansweredOutcome): void;
}

export interface StatisticsOptions extends RunOptions {
  /** False: files are told apart by their handles. */
  names: boolean;
}

/** @param counter There must be one when the captures are read. */
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
