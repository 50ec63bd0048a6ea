/**
 * Status flags that a server sets in replies to SEQUENCE (RFC 8881 §18.46.3): conditions that the client should handle.
 */
import { ChosenFields } from '../../dissect/chosen-fields.js';
import { type FindingRule, momentOfStep } from './finding.js';

/** By bit. */
const FLAGS: readonly (readonly [name: string, about: string])[] = [
  ['CB_PATH_DOWN', 'no callback gets through to the client'],
  ['CB_GSS_CONTEXTS_EXPIRING', 'security contexts of callbacks end soon'],
  ['CB_GSS_CONTEXTS_EXPIRED', 'security contexts of callbacks have ended'],
  ['EXPIRED_ALL_STATE_REVOKED', 'the lease expired: all state is gone'],
  ['EXPIRED_SOME_STATE_REVOKED', 'the lease expired: some state is gone'],
  ['ADMIN_STATE_REVOKED', 'an administrator took state away'],
  ['RECALLABLE_STATE_REVOKED', 'a recall was not answered: delegations or layouts were revoked'],
  ['LEASE_MOVED', 'a lease moved to another server'],
  ['RESTART_RECLAIM_NEEDED', 'the server restarted: state must be reclaimed'],
  ['CB_PATH_DOWN_SESSION', 'the session has no connection for callbacks'],
  ['BACKCHANNEL_FAULT', 'the back channel is damaged'],
  ['DEVID_CHANGED', 'a device of a layout changed'],
  ['DEVID_DELETED', 'a device of a layout is gone'],
];

export const sequenceFlags: FindingRule = {
  name: 'sequence_flags',
  operations: ['SEQUENCE'],
  watch: (report) => {
    const fields = new ChosenFields(['sr_resok4.sr_status_flags']);
    return {
      step: (step) => {
        if (step.result === null) return;
        fields.find(step.result.plan, step.result.extent, step.result.at);
        const flags = fields.number(0) ?? 0;
        if (flags === 0) return;
        for (let bit = 0; bit < 32; bit++) {
          if ((flags & (1 << bit)) === 0) continue;
          const [name, about] = FLAGS[bit] ?? [`bit ${bit}`, 'a flag that RFC 8881 does not know'];
          report(step, name, about, momentOfStep(step));
        }
      },
    };
  },
};
