/**
 * An asynchronous COPY (RFC 7862 §15.2) whose end is not seen, neither by CB_OFFLOAD nor by
 * OFFLOAD_STATUS. CB_OFFLOAD may come before the reply to COPY. A cancelled COPY needs no end.
 */
import { ChosenFields } from '../../dissect/chosen-fields.js';
import type { FindingRule, Report, Step, Watcher } from './finding.js';
import { Unended } from './unended.js';

export const copyWithoutOffload: FindingRule = {
  name: 'copy_without_offload',
  operations: ['COPY', 'CB_OFFLOAD', 'OFFLOAD_STATUS', 'OFFLOAD_CANCEL'],
  watch: (report, forget) => new CopyWatcher(report, forget),
};

class CopyWatcher implements Watcher {
  /** By the `other` part of the copy's stateid. */
  private readonly copies: Unended;
  private readonly begun = new ChosenFields(['cr_resok4.cr_response.wr_callback_id']);
  private readonly asked = new ChosenFields(['coa_stateid.other', 'osa_stateid.other', 'oca_stateid.other']);
  private readonly answered = new ChosenFields(['osr_resok4.osr_complete']);

  constructor(
    private readonly report: Report,
    forget: () => void,
  ) {
    this.copies = new Unended(forget);
  }

  step(step: Step): void {
    if (step.name === 'COPY') this.begin(step);
    else if (step.args !== null && this.isEnd(step)) {
      this.asked.find(step.args.plan, step.args.extent, step.args.at);
      const stateid = this.asked.hex(0) ?? this.asked.hex(1) ?? this.asked.hex(2);
      if (stateid !== undefined) this.copies.end(step, stateid);
    }
  }

  end(): void {
    for (const copy of this.copies.rows()) {
      const { stateid, at, mayHaveEnded } = copy;
      const doubt = mayHaveEnded ? ', as far as is remembered' : '';
      this.report(copy, stateid, `copy ${stateid} goes on, and no CB_OFFLOAD came${doubt}`, at);
    }
  }

  private begin(step: Step): void {
    if (step.result === null) return;
    this.begun.find(step.result.plan, step.result.extent, step.result.at);
    const stateid = this.begun.firstHex(0, SEQID, STATEID_OTHER);
    if (stateid !== undefined) this.copies.begin(step, stateid);
  }

  /** OFFLOAD_STATUS reports the end if it has a completion status. */
  private isEnd({ name, result }: Step): boolean {
    if (name !== 'OFFLOAD_STATUS') return true;
    if (result === null) return false;
    this.answered.find(result.plan, result.extent, result.at);
    return (this.answered.number(0) ?? 0) > 0;
  }
}

/** A stateid: its sequence number, then its `other` part (RFC 8881 §3.3.12). */
const SEQID = 4;
const STATEID_OTHER = 12;
