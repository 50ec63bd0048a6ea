/**
 * A delegation that the server recalled (CB_RECALL, RFC 8881 §20.2) and the client did not return (DELEGRETURN):
 * other clients wait for it, or the server revokes it. The return may come before the reply to the recall.
 */
import { ChosenFields } from '../../dissect/chosen-fields.js';
import type { FindingRule, Report, Step, Watcher } from './finding.js';
import { Unended } from './unended.js';

export const recallWithoutReturn: FindingRule = {
  name: 'recall_without_return',
  operations: ['CB_RECALL', 'DELEGRETURN'],
  watch: (report, forget) => new RecallWatcher(report, forget),
};

class RecallWatcher implements Watcher {
  /** By the `other` part of the delegation's stateid. */
  private readonly recalls: Unended;
  private readonly fields = new ChosenFields(['stateid.other', 'deleg_stateid.other']);

  constructor(
    private readonly report: Report,
    forget: () => void,
  ) {
    this.recalls = new Unended(forget);
  }

  step(step: Step): void {
    if (step.args === null) return;
    this.fields.find(step.args.plan, step.args.extent, step.args.at);
    const stateid = this.fields.hex(0) ?? this.fields.hex(1);
    if (stateid === undefined) return;
    if (step.name === 'DELEGRETURN') this.recalls.end(step, stateid);
    else this.recalls.begin(step, stateid);
  }

  end(): void {
    for (const recall of this.recalls.rows()) {
      const { stateid, at, mayHaveEnded } = recall;
      const doubt = mayHaveEnded ? ', as far as is remembered' : '';
      this.report(recall, stateid, `delegation ${stateid} was recalled, and no DELEGRETURN came${doubt}`, at);
    }
  }
}
