/**
 * A delegation that the server recalled (CB_RECALL, RFC 8881 §20.2) and the client did not return (DELEGRETURN):
 * other clients wait for it, or the server revokes it. The return may come before the reply to the recall.
 */
import { ChosenFields } from '../../dissect/chosen-fields.js';
import { Recent } from '../../dissect/recent.js';
import { MAX_WATCHED } from '../../limits.js';
import type { Moment } from '../retry-loops.js';
import { type FindingRule, momentOfStep, type Report, type Step, type Watcher } from './finding.js';

interface Recall {
  client: string;
  server: string;
  at: Moment;
}

export const recallWithoutReturn: FindingRule = {
  name: 'recall_without_return',
  about: 'delegations that were recalled and not returned',
  operations: ['CB_RECALL', 'DELEGRETURN'],
  watch: (report) => new RecallWatcher(report),
};

class RecallWatcher implements Watcher {
  /** By client and the `other` part of the stateid; false: it was returned. */
  private readonly delegations = new Recent<Recall | false>(MAX_WATCHED);
  private readonly fields = new ChosenFields(['stateid.other', 'deleg_stateid.other']);

  constructor(private readonly report: Report) {}

  step(step: Step): void {
    if (step.args === null) return;
    this.fields.find(step.args.plan, step.args.extent, step.args.at);
    const stateid = this.fields.hex(0) ?? this.fields.hex(1);
    if (stateid === undefined) return;
    const key = `${step.client} ${stateid}`;
    if (step.name === 'DELEGRETURN') this.delegations.set(key, false);
    else if (!this.delegations.has(key)) {
      this.delegations.set(key, { client: step.client, server: step.server, at: momentOfStep(step) });
    }
  }

  end(): void {
    for (const [key, recall] of this.delegations) {
      if (recall === false) continue;
      const stateid = key.slice(key.indexOf(' ') + 1);
      this.report(recall, stateid, `delegation ${stateid} was recalled, and no DELEGRETURN came`, recall.at);
    }
  }
}
