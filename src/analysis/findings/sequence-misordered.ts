/**
 * A sequence number that the slot did not expect (NFS4ERR_SEQ_MISORDERED,
 * RFC 8881 §2.10.6.1.3): client and server disagree.
 */
import { ChosenFields } from '../../dissect/chosen-fields.js';
import { type FindingRule, momentOfStep } from './finding.js';

export const sequenceMisordered: FindingRule = {
  name: 'seq_misordered',
  operations: ['SEQUENCE', 'CB_SEQUENCE'],
  watch: (report) => {
    const fields = new ChosenFields(['sa_slotid', 'sa_sequenceid', 'csa_slotid', 'csa_sequenceid']);
    return {
      step: (step) => {
        if (step.status !== 'NFS4ERR_SEQ_MISORDERED' || step.args === null) return;
        fields.find(step.args.plan, step.args.extent, step.args.at);
        const slot = fields.number(0) ?? fields.number(2);
        const sequence = fields.number(1) ?? fields.number(3);
        const text = `${step.name}: slot ${slot} did not expect sequence number ${sequence}`;
        report(step, `${step.name} slot ${slot}`, text, momentOfStep(step));
      },
    };
  },
};
