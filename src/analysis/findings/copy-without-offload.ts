/**
 * An asynchronous COPY (RFC 7862 §15.2) whose end is not seen, neither by CB_OFFLOAD nor by
 * OFFLOAD_STATUS. CB_OFFLOAD may come before the reply to COPY. A cancelled COPY needs no end.
 */
import { ChosenFields } from '../../dissect/chosen-fields.js';
import { Recent } from '../../dissect/recent.js';
import { MAX_WATCHED } from '../../limits.js';
import type { Moment } from '../retry-loops.js';
import { type FindingRule, momentOfStep, type Report, type Step, type Watcher } from './finding.js';

interface Copy {
  client: string;
  server: string;
  at: Moment;
}

export const copyWithoutOffload: FindingRule = {
  name: 'copy_without_offload',
  about: 'asynchronous COPY whose end was never told',
  operations: ['COPY', 'CB_OFFLOAD', 'OFFLOAD_STATUS', 'OFFLOAD_CANCEL'],
  watch: (report) => new CopyWatcher(report),
};

class CopyWatcher implements Watcher {
  /** By client and the `other` part of the stateid; false: its end was seen. */
  private readonly copies = new Recent<Copy | false>(MAX_WATCHED);
  private readonly begun = new ChosenFields(['cr_resok4.cr_response.wr_callback_id']);
  private readonly asked = new ChosenFields(['coa_stateid.other', 'osa_stateid.other', 'oca_stateid.other']);
  private readonly answered = new ChosenFields(['osr_resok4.osr_complete']);

  constructor(private readonly report: Report) {}

  step(step: Step): void {
    if (step.name === 'COPY') this.begin(step);
    else if (step.args !== null && this.isEnd(step)) {
      this.asked.find(step.args.plan, step.args.extent, step.args.at);
      const stateid = this.asked.hex(0) ?? this.asked.hex(1) ?? this.asked.hex(2);
      if (stateid !== undefined) this.copies.set(`${step.client} ${stateid}`, false);
    }
  }

  end(): void {
    for (const [key, copy] of this.copies) {
      if (copy === false) continue;
      const stateid = key.slice(key.indexOf(' ') + 1);
      this.report(copy, stateid, `copy ${stateid} goes on, and no CB_OFFLOAD came`, copy.at);
    }
  }

  private begin(step: Step): void {
    if (step.result === null) return;
    this.begun.find(step.result.plan, step.result.extent, step.result.at);
    const stateid = this.begun.firstHex(0, SEQID, STATEID_OTHER);
    if (stateid === undefined) return;
    const key = `${step.client} ${stateid}`;
    if (!this.copies.has(key))
      this.copies.set(key, { client: step.client, server: step.server, at: momentOfStep(step) });
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
