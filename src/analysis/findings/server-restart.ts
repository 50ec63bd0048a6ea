/**
 * A server that forgot its clients: it does not know a client or session any more
 * (NFS4ERR_STALE_CLIENTID, NFS4ERR_BADSESSION, NFS4ERR_STALE_STATEID), or its EXCHANGE_ID reply has
 * another server owner than before (RFC 8881 §2.5). It restarted, or another server took its address.
 */
import { ChosenFields } from '../../dissect/chosen-fields.js';
import { MAX_WATCHED } from '../../limits/analysis.js';
import { Recent } from '../../rpc/recent.js';
import { type FindingRule, momentOfStep, type Report, type Step, type Watcher } from './finding.js';

const FORGOTTEN: ReadonlySet<string> = new Set([
  'NFS4ERR_STALE_CLIENTID',
  'NFS4ERR_BADSESSION',
  'NFS4ERR_STALE_STATEID',
]);

export const serverRestart: FindingRule = {
  name: 'server_restart',
  // Those with a client ID, session or stateid. DESTROY_SESSION and DESTROY_CLIENTID fail without a restart when a client
  // sends them again.
  operations: [
    'BIND_CONN_TO_SESSION',
    'CLOSE',
    'CREATE_SESSION',
    'DELEGPURGE',
    'DELEGRETURN',
    'EXCHANGE_ID',
    'LOCK',
    'LOCKT',
    'LOCKU',
    'OPEN',
    'OPEN_CONFIRM',
    'OPEN_DOWNGRADE',
    'READ',
    'RELEASE_LOCKOWNER',
    'RENEW',
    'SEQUENCE',
    'SETATTR',
    'SETCLIENTID_CONFIRM',
    'WRITE',
  ],
  watch: (report, forget) => new ServerWatcher(report, forget),
};

class ServerWatcher implements Watcher {
  private readonly owners: Recent<string>;
  private readonly fields = new ChosenFields(['eir_resok4.eir_server_owner.so_major_id']);

  constructor(
    private readonly report: Report,
    forget: () => void,
  ) {
    this.owners = new Recent<string>(MAX_WATCHED, forget);
  }

  step(step: Step): void {
    const { name, status, result } = step;
    if (status !== null && FORGOTTEN.has(status)) {
      this.report(step, status, `${name} ${status}: the server no longer knows its client`, momentOfStep(step));
    } else if (name === 'EXCHANGE_ID' && result !== null) {
      this.fields.find(result.plan, result.extent, result.at);
      const owner = this.fields.hex(0);
      if (owner !== undefined) this.exchanged(step, owner);
    }
  }

  private exchanged(step: Step, owner: string): void {
    const before = this.owners.get(step.server);
    this.owners.set(step.server, owner);
    if (before === undefined || before === owner) return;
    const [from, to] = [before, owner].map((hex) => Buffer.from(hex, 'hex').toString('utf8'));
    this.report(step, 'server owner', `EXCHANGE_ID: the server owner was '${from}' and is '${to}'`, momentOfStep(step));
  }
}
