/**
 * Keeps what a reply needs to know of its call, with their exchange: the fields that the result's plan asks for
 * (`call.prog`), the security context, the lock that was asked for, and what was announced. Few calls leave anything.
 * What the reply has used is dropped, because exchanges stay known long after their answer.
 */
import type { KnownPrograms } from '../rpc/known-programs.js';
import { CALL, type Message } from '../rpc/message.js';
import type { Plan } from '../xdr/plan.js';
import type { Values } from './announcement.js';
import type { CallContexts } from './call-memory.js';
import type { Dissection } from './dissection.js';
import { type GssCall, readGssCall } from './gss.js';
import { isLinked, NlmLinks } from './nlm-links.js';
import type { Procedure } from './procedure.js';

/** What a reply needs to know of its call. */
export interface CallContext {
  /** Of an NLM call: the lock that it asks for. */
  lock: string | null;
  fields: Map<string, number> | null;
  gss: GssCall | null;
  announced: Values | null;
}

export class Handover {
  private readonly nlmLinks = new NlmLinks();

  constructor(
    private readonly exchanges: CallContexts,
    private readonly announcements: KnownPrograms | null,
  ) {}

  /** The context that is known before the body: for a call from its credential, for a reply from its call. */
  contextOf(message: Message): CallContext | null {
    if (message.type === CALL) {
      const gss = readGssCall(message);
      return gss && { fields: null, gss, announced: null, lock: null };
    }
    const { exchange } = message;
    return exchange < 0 ? null : ((this.exchanges.contextOf(exchange) as CallContext | undefined) ?? null);
  }

  /** Keeps what the reply will need of a call whose body was found, and returns it; null for nothing. */
  leave(dissection: Dissection, gss: GssCall | null): CallContext | null {
    const { message, procedure, plan } = dissection;
    const isOpen = plan !== null && procedure !== null;
    const fields = isOpen ? procedure.readContext(dissection.extent) : null;
    const announced = isOpen ? this.announcedBy(dissection, procedure) : null;
    const lock = isOpen && isLinked(message) ? this.linkCall(dissection, plan) : null;
    if (fields === null && gss === null && announced === null && lock === null) return null;
    const context = { fields, gss, announced, lock };
    this.exchanges.setContext(message.exchange, context);
    return context;
  }

  /** Uses what the call left, for a reply whose body was found. */
  take(dissection: Dissection, context: CallContext): void {
    const { message, status, statusNumber, plan, procedure } = dissection;
    if (context.lock !== null && status !== null) this.nlmLinks.reply(message, context.lock, statusNumber);
    if (plan === null || procedure === null || message.retransmission !== null || context.announced === null) return;
    this.learn(dissection, procedure, context.announced);
    // It is learnt now; thousands of answered calls need not keep it.
    context.announced = null;
    const { fields, gss, lock } = context;
    if (fields === null && gss === null && lock === null) this.exchanges.setContext(message.exchange, undefined);
  }

  /** Requests and locks of lock managers that were forgotten. */
  get evictedLinks(): number {
    return this.nlmLinks.evicted;
  }

  private announcedBy({ extent }: Dissection, { announcement }: Procedure): Values | null {
    return this.announcements === null || announcement === null ? null : announcement.remember(extent);
  }

  private learn({ message, extent, error }: Dissection, { announcement }: Procedure, announced: Values): void {
    if (error !== false || this.announcements === null) return;
    const hosts = { caller: message.destination.address, server: message.source.address };
    announcement?.learn(this.announcements, message, hosts, extent, announced);
  }

  /** Links a call of a lock manager; answers the lock that its reply will be about. */
  private linkCall(dissection: Dissection, plan: Plan): string | null {
    const { message, extent, status, statusNumber } = dissection;
    const { related, lock } = this.nlmLinks.call(message, plan, extent, status === null ? -1 : statusNumber);
    if (related.length > 0) dissection.related = [...dissection.related, ...related];
    return lock;
  }
}
