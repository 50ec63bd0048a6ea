/**
 * Slots of a session in use, compared with those that were negotiated (RFC 8881 §2.10.6.1).
 * A client whose slots are all in use cannot send more calls. Reported where calls still
 * wait in slots at the end of the capture, or all slots were in use at some time.
 */
import { ChosenFields } from '../../dissect/chosen-fields.js';
import { MAX_WATCHED } from '../../limits/analysis.js';
import { Recent } from '../../rpc/recent.js';
import { plural } from '../../xdr/plural.js';
import type { Moment } from '../retry-loops.js';
import { type FindingRule, momentOfStep, type Report, type Step, type Watcher } from './finding.js';

interface Session {
  client: string;
  server: string;
  id: string;
  /** The number of slots granted by CREATE_SESSION or by the newest reply to SEQUENCE; 0: unknown. */
  limit: number;
  /** The greatest number of slots that the client reported in use, and when. */
  most: number;
  mostAt: Moment;
  /** The number of slots granted when the client last reported all of them in use; 0: it never did. */
  full: number;
  /** Slots of calls without a reply at the end of the capture. */
  open: Set<number>;
}

export const slotsInUse: FindingRule = {
  name: 'slots_in_use',
  operations: ['CREATE_SESSION', 'DESTROY_SESSION', 'SEQUENCE'],
  watch: (report) => new SlotWatcher(report),
};

class SlotWatcher implements Watcher {
  private readonly sessions = new Recent<Session>(MAX_WATCHED, (session) => this.tell(session));
  private readonly created = new ChosenFields([
    'csr_resok4.csr_sessionid',
    'csr_resok4.csr_fore_chan_attrs.ca_maxrequests',
  ]);
  private readonly called = new ChosenFields(['sa_sessionid', 'sa_slotid', 'sa_highest_slotid']);
  private readonly answered = new ChosenFields(['sr_resok4.sr_target_highest_slotid']);
  private readonly destroyed = new ChosenFields(['dsa_sessionid']);

  constructor(private readonly report: Report) {}

  step(step: Step): void {
    if (step.name === 'CREATE_SESSION') this.create(step);
    else if (step.name === 'SEQUENCE') this.sequence(step);
    else if (step.args !== null && step.status === 'NFS4_OK') {
      this.destroyed.find(step.args.plan, step.args.extent, step.args.at);
      // Reports the session here, because it is removed.
      const id = this.destroyed.hex(0) ?? '';
      this.tell(this.sessions.get(id));
      this.sessions.delete(id);
    }
  }

  end(): void {
    for (const [, session] of this.sessions) this.tell(session);
  }

  private create(step: Step): void {
    if (step.result === null) return;
    this.created.find(step.result.plan, step.result.extent, step.result.at);
    const [id, limit] = [this.created.hex(0), this.created.number(1)];
    if (id !== undefined && limit !== undefined) this.sessionOf(step, id).limit = limit;
  }

  private sequence(step: Step): void {
    if (step.args === null) return;
    this.called.find(step.args.plan, step.args.extent, step.args.at);
    const [id, slot, highest] = [this.called.hex(0), this.called.number(1), this.called.number(2)];
    if (id === undefined || slot === undefined || highest === undefined) return;
    const session = this.sessionOf(step, id);
    if (highest + 1 > session.most) {
      session.most = highest + 1;
      session.mostAt = momentOfStep(step);
    }
    // Bounded, because each slot takes memory and the capture chooses the numbers.
    if (step.exchange.outcome === 'open_at_end' && session.open.size < MAX_WATCHED) session.open.add(slot);
    const target = this.targetOf(step);
    if (session.limit === 0) session.limit = target;
    // Servers grant more slots to clients that use all of them, and fewer when memory is short.
    if (session.limit > 0 && highest + 1 >= session.limit) session.full = session.limit;
    if (target > 0) session.limit = target;
  }

  /** The number of slots that a reply to SEQUENCE grants; 0 where it does not say. */
  private targetOf({ result }: Step): number {
    if (result === null) return 0;
    this.answered.find(result.plan, result.extent, result.at);
    return (this.answered.number(0) ?? -1) + 1;
  }

  private sessionOf(step: Step, id: string): Session {
    let session = this.sessions.use(id);
    if (session === undefined) {
      const { client, server } = step;
      session = { client, server, id, limit: 0, most: 0, mostAt: momentOfStep(step), full: 0, open: new Set() };
      this.sessions.set(id, session);
    }
    return session;
  }

  private tell(session: Session | undefined): void {
    if (session === undefined) return;
    const { open, limit, most, mostAt, full, id } = session;
    if (open.size === 0 && full === 0) return;
    const slots = limit === 0 ? plural(open.size, 'slot') : `${open.size} of ${plural(limit, 'slot')}`;
    const earlier = full === 0 || full === limit ? '' : `; all ${full} were in use at some time`;
    this.report(session, id, `${slots} in use at the end, at most ${most}${earlier}`, mostAt);
  }
}
