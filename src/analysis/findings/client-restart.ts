/**
 * A client that returns with another verifier for the same owner (RFC 8881 §2.4, RFC 7530 §9.1.1):
 * it restarted, or another machine uses its name; then the two remove each other's state.
 */
import { ChosenFields } from '../../dissect/chosen-fields.js';
import { MAX_WATCHED } from '../../limits/analysis.js';
import { Recent } from '../../rpc/recent.js';
import { type FindingRule, momentOfStep } from './finding.js';

export const clientRestart: FindingRule = {
  name: 'client_restart',
  operations: ['EXCHANGE_ID', 'SETCLIENTID'],
  watch: (report, forget) => {
    const fields = new ChosenFields([
      'eia_clientowner.co_ownerid',
      'eia_clientowner.co_verifier',
      'client.id',
      'client.verifier',
    ]);
    const known = new Recent<{ verifier: string; client: string }>(MAX_WATCHED, forget);
    return {
      step: (step) => {
        if (step.args === null) return;
        fields.find(step.args.plan, step.args.extent, step.args.at);
        const owner = fields.hex(0) ?? fields.hex(2);
        const verifier = fields.hex(1) ?? fields.hex(3);
        if (owner === undefined || verifier === undefined) return;
        const key = `${step.server} ${owner}`;
        const before = known.get(key);
        known.set(key, { verifier, client: step.client });
        if (before === undefined || before.verifier === verifier) return;
        const name = Buffer.from(owner, 'hex').toString('utf8');
        const other = before.client === step.client ? '' : `, used before by ${before.client}`;
        report(
          step,
          owner,
          `${step.name} of '${name}' with another verifier${other}: it restarted`,
          momentOfStep(step),
        );
      },
    };
  },
};
