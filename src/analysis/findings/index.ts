/**
 * The rules of findings, and how they get the operations of exchanges. A new rule is a file here, and a line in RULES.
 */
import { CALLBACK_PROGRAM } from '../../dissect/callbacks.js';
import type { Dissection } from '../../dissect/dissection.js';
import type { Exchange } from '../../dissect/exchange.js';
import type { Extent } from '../../dissect/extent.js';
import type { Operation } from '../../dissect/operation-shapes.js';
import { clientRestart } from './client-restart.js';
import { copyWithoutOffload } from './copy-without-offload.js';
import { type Finding, type FindingRule, FindingTable, type Located, type Step, type Watcher } from './finding.js';
import { recallWithoutReturn } from './recall-without-return.js';
import { sequenceFlags } from './sequence-flags.js';
import { sequenceMisordered } from './sequence-misordered.js';
import { serverRestart } from './server-restart.js';
import { slotsInUse } from './slots-in-use.js';
import { writeVerifier } from './write-verifier.js';

const RULES: readonly FindingRule[] = [
  sequenceFlags,
  sequenceMisordered,
  slotsInUse,
  recallWithoutReturn,
  copyWithoutOffload,
  writeVerifier,
  serverRestart,
  clientRestart,
];

const NFS = 100003;

export class Findings {
  private readonly table = new FindingTable();
  private readonly watchers: Watcher[] = [];
  /** The watchers of an operation. */
  private readonly byOperation = new Map<string, Watcher[]>();

  constructor() {
    for (const rule of RULES) {
      const watcher = rule.watch(
        (...found) => this.table.report(rule.name, ...found),
        () => this.table.unwatched++,
      );
      this.watchers.push(watcher);
      for (const operation of rule.operations) {
        this.byOperation.set(operation, [...(this.byOperation.get(operation) ?? []), watcher]);
      }
    }
  }

  /** Takes a finished exchange. */
  add(exchange: Exchange): void {
    const { message, programName, compound } = exchange.either;
    const isCallback = programName === CALLBACK_PROGRAM;
    if (!isCallback && message.program !== NFS) return;
    const place = isCallback
      ? { client: exchange.server.address, server: exchange.client.address }
      : { client: exchange.client.address, server: exchange.server.address };
    if (compound === null) this.addProcedure(exchange, place);
    else this.addOperations(exchange, place);
  }

  /** Findings, and states watched for them, that found no room. */
  get dropped(): { findings: number; states: number } {
    return { findings: this.table.dropped, states: this.table.unwatched };
  }

  rows(): Finding[] {
    for (const watcher of this.watchers) watcher.end?.();
    return this.table.rows();
  }

  private addProcedure(exchange: Exchange, place: { client: string; server: string }): void {
    const { call, reply, either } = exchange;
    const name = either.procedureName;
    const watchers = name === undefined ? undefined : this.byOperation.get(name);
    if (watchers === undefined) return;
    const step: Step = {
      exchange,
      name: name!,
      args: call && bodyOf(call),
      result: reply && bodyOf(reply),
      status: reply?.status ?? null,
      ...place,
    };
    for (const watcher of watchers) watcher.step(step);
  }

  private addOperations(exchange: Exchange, place: { client: string; server: string }): void {
    const { call, reply } = exchange;
    const calls = call?.compound?.operations ?? [];
    const replies = reply?.compound?.operations ?? [];
    for (let i = 0; i < Math.max(calls.length, replies.length); i++) {
      const { name } = calls[i] ?? replies[i];
      const watchers = this.byOperation.get(name);
      if (watchers === undefined) continue;
      const step: Step = {
        exchange,
        name,
        args: calls[i] === undefined ? null : locate(calls[i], call!.extent),
        result: replies[i] === undefined ? null : locate(replies[i], reply!.extent),
        status: replies[i]?.status ?? null,
        ...place,
      };
      for (const watcher of watchers) watcher.step(step);
    }
  }
}

function locate({ plan, at }: Operation, extent: Extent): Located | null {
  return plan === null ? null : { plan, extent, at };
}

function bodyOf({ plan, extent }: Dissection): Located | null {
  return plan === null ? null : { plan, extent, at: extent.at };
}
