/**
 * A write verifier that changed (RFC 1813 §3.3.7, RFC 8881 §18.32.3): the server lost
 * uncommitted data, and clients must write them again. Mostly the server restarted.
 */
import { ChosenFields } from '../../dissect/chosen-fields.js';
import { MAX_WATCHED } from '../../limits/analysis.js';
import { Recent } from '../../rpc/recent.js';
import { type FindingRule, momentOfStep } from './finding.js';

export const writeVerifier: FindingRule = {
  name: 'write_verifier',
  operations: ['WRITE', 'COMMIT'],
  watch: (report, forget) => {
    const fields = new ChosenFields(['resok.verf', 'resok4.writeverf']);
    /** The last verifier of each server and NFS version. */
    const verifiers = new Recent<string>(MAX_WATCHED, forget);
    return {
      step: (step) => {
        if (step.result === null) return;
        fields.find(step.result.plan, step.result.extent, step.result.at);
        const verifier = fields.hex(0) ?? fields.hex(1);
        if (verifier === undefined) return;
        const { version } = step.exchange.either.message;
        const key = `${step.server} ${version}`;
        const before = verifiers.use(key);
        if (before === verifier) return;
        verifiers.set(key, verifier);
        if (before === undefined) return;
        const text = `NFSv${version}: ${before} → ${verifier}: what was not committed is lost`;
        report(step, `NFSv${version}`, text, momentOfStep(step));
      },
    };
  },
};
