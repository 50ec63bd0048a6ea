/**
 * Compares two recordings by meaning. Exchanges come from either side in the order of their calls; findings are
 * passed on in the order of the expected recording. Of each recording a window of bounded size is held
 * (`limits/diff.ts`).
 */
import { DIFF_WINDOW, DIFF_WINDOW_FIELDS, MAX_DIFF_LANES, MAX_DIFF_UNMATCHED_KEYS } from '../../limits/diff.js';
import { Recent } from '../../rpc/recent.js';
import { Aliases, OTHER, SIDES, type Side } from './aliases.js';
import { Connections } from './connections.js';
import type { ComparedExchange } from './exchange.js';
import { type Finding, Findings } from './findings.js';
import { HandleLessons } from './handle-lessons.js';
import { Hosts } from './hosts.js';
import { Keys } from './keys.js';
import { type DiffCounts, Lane } from './lane.js';
import { printOf } from './packed-fields.js';
import { RecentPairs } from './recent-pairs.js';

export interface DiffOptions {
  /** False: exchanges of a connection may come in any order. */
  isStrict: boolean;
  /** Bounds of the window of either recording: exchanges and fields. */
  window?: number;
  windowFields?: number;
}

/** Exchanges that are taken before they are compared: few, so that equal ones are released soon. */
const BATCH = 16;

export class Diff {
  readonly aliases = new Aliases();
  readonly counts: DiffCounts = { expected: 0, actual: 0, missing: 0, extra: 0, changed: 0, order: 0 };
  /** Exchanges that are in both recordings, but further apart than the window. */
  beyondWindow = 0;
  /** Exchanges of one recording that are no longer looked for in the other: `beyondWindow` may be too low by as many. */
  forgottenKeys = 0;
  readonly window: number;
  private readonly windowFields: number;
  private readonly findings: Findings;
  private readonly hosts = new Hosts();
  private readonly keys = new Keys(this.aliases);
  private readonly lessons = new HandleLessons(this.aliases, this.keys);
  private readonly connections = new Connections();
  private readonly recent = new RecentPairs();
  private readonly lanes = new Map<string, Lane>();
  /** Exchanges that are in no lane yet: those that wait for their hosts' counterparts, then the new ones. */
  private readonly arrived: Record<Side, ComparedExchange[]> = { expected: [], actual: [] };
  /** Pairs of hosts that there were when exchanges began to wait. */
  private seenHosts = 0;
  /** Exchanges taken since `settle`; exchanges that are not aligned yet, and their weight. */
  private readonly taken = { expected: 0, actual: 0 };
  private readonly held = { expected: 0, actual: 0 };
  private readonly heldFields = { expected: 0, actual: 0 };
  private readonly unmatchedKeys = { expected: this.newKeys(), actual: this.newKeys() };

  /** @param handle Takes each finding, in order. */
  constructor(
    private readonly options: DiffOptions,
    handle: (finding: Finding) => void,
  ) {
    this.findings = new Findings(handle);
    this.window = options.window ?? DIFF_WINDOW;
    this.windowFields = options.windowFields ?? DIFF_WINDOW_FIELDS;
  }

  /** True while this side can take more exchanges before `settle`. */
  wants(side: Side): boolean {
    return this.taken[side] < BATCH && !this.isFull(side);
  }

  add(side: Side, exchange: ComparedExchange): void {
    this.counts[side]++;
    this.taken[side]++;
    this.arrived[side].push(exchange);
    this.hosts.add(side, exchange.client);
    this.hosts.add(side, exchange.server);
    this.held[side]++;
    this.heldFields[side] += exchange.fields.weight;
  }

  /** Compares the exchanges so far, as far as they allow; all of them when both sides are over. */
  settle(isOver: Record<Side, boolean>): void {
    const isEnd = SIDES.every((side) => isOver[side]);
    // Differences are examined only when the windows are as full as they can be.
    const isDue = SIDES.every((side) => isOver[side] || this.isFull(side));
    this.assignLanes(isDue);
    for (const lane of this.lanes.values()) if (isEnd || lane.isReady) lane.settle(isDue, isEnd);
    if (isDue && !isEnd && SIDES.some((side) => this.isFull(side))) this.longestLane()?.advance();
    this.findings.release();
    if (this.lanes.size > MAX_DIFF_LANES) this.forgetIdleLanes();
  }

  private isFull(side: Side): boolean {
    return this.held[side] >= this.window || this.heldFields[side] >= this.windowFields;
  }

  private forgetIdleLanes(): void {
    for (const [key, lane] of this.lanes) if (lane.isIdle) this.lanes.delete(key);
  }

  /**
   * Exchanges of hosts that are in one recording only wait for
   * the other recording's hosts, until the comparison is due.
   */
  private assignLanes(isDue: boolean): void {
    const { hosts } = this;
    if (isDue) hosts.pairOthers();
    const isForAll = isDue || hosts.count !== this.seenHosts;
    this.seenHosts = hosts.count;
    for (const side of SIDES) {
      const arrived = this.arrived[side];
      // What waited already goes on waiting unless more hosts are known now.
      const examined = isForAll ? arrived.splice(0) : arrived.splice(arrived.length - this.taken[side]);
      for (const exchange of examined) {
        const isKnown = isDue || (hosts.isKnown(side, exchange.client) && hosts.isKnown(side, exchange.server));
        if (isKnown) this.laneOf(side, exchange).add(side, exchange);
        else arrived.push(exchange);
      }
      this.taken[side] = 0;
    }
  }

  private laneOf(side: Side, exchange: ComparedExchange): Lane {
    const [client, server] = [exchange.client, exchange.server].map((host) => this.hosts.roleOf(side, host));
    const key = `${client} ${server} ${exchange.program}`;
    let lane = this.lanes.get(key);
    if (lane === undefined) {
      const { aliases, keys, connections, lessons, findings, recent, counts, onAligned } = this;
      const onUnmatched = (from: Side, called: string) => this.noteUnmatched(from, printOf(`${key} ${called}`));
      const { isStrict } = this.options;
      const shared = { aliases, keys, connections, lessons, findings, recent, counts };
      lane = new Lane({ ...shared, isStrict, onAligned, onUnmatched });
      this.lanes.set(key, lane);
    }
    return lane;
  }

  /**
   * Notes an exchange without counterpart; if the other side gave up the same one, it is in both recordings after all.
   */
  private noteUnmatched(side: Side, key: string): void {
    const other = this.unmatchedKeys[OTHER[side]];
    if (other.delete(key)) this.beyondWindow++;
    else this.unmatchedKeys[side].set(key, true);
  }

  /** The newest are kept: they are most likely to come on the other side. */
  private newKeys(): Recent<true> {
    return new Recent<true>(MAX_DIFF_UNMATCHED_KEYS, () => this.forgottenKeys++);
  }

  private readonly onAligned = (side: Side, { fields }: ComparedExchange) => {
    this.held[side]--;
    this.heldFields[side] -= fields.weight;
  };

  private longestLane(): Lane | undefined {
    let longest: Lane | undefined;
    for (const lane of this.lanes.values()) if (longest === undefined || lane.weight > longest.weight) longest = lane;
    return longest;
  }
}
