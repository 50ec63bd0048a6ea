/** What `diff` could not compare: what the recordings lack, and bytes that cannot be read or were dropped to limit memory. */
import { missingPhrases } from '../analysis/account.js';
import { SIDES, type Side } from '../analysis/diff/aliases.js';
import type { DiffCounts } from '../analysis/diff/lane.js';
import { grouped, plural } from '../xdr/plural.js';
import type { Recording, Unseen } from './recording.js';

/** How messages were compared, and what they are. */
const REASONS: Record<keyof Unseen, readonly [how: string, noun: string]> = {
  truncated: ['as far as they go', 'truncated message'],
  encrypted: ['without their bodies', 'encrypted message'],
  dropped: ['as far as rpcdump kept them, to limit memory', 'message'],
};

export class Incomplete {
  /** A line for each recording that lacks something, then a line for each reason why messages were compared in part. */
  readonly lines: readonly string[];
  private readonly dropped: number;
  /** A recording has no message at all. */
  private readonly isEmpty: boolean;

  constructor(paths: Record<Side, string>, recordings: Record<Side, Recording>) {
    const recorded = SIDES.flatMap((side) => {
      const { inspection } = recordings[side];
      const phrases = missingPhrases(inspection.account(), inspection.files);
      return phrases.length > 0 ? [`${paths[side]}: ${phrases.join(', ')}`] : [];
    });
    this.isEmpty = SIDES.some((side) => recordings[side].inspection.account().rpc.messages === 0);
    const count = (reason: keyof Unseen) => SIDES.map((side) => recordings[side].unseen[reason]);
    const compared = (Object.keys(REASONS) as (keyof Unseen)[]).flatMap((reason) => {
      const [expected, actual] = count(reason);
      const [how, noun] = REASONS[reason];
      if (expected + actual === 0) return [];
      return [
        `compared ${how}: ${plural(expected + actual, noun)} (${grouped(expected)} expected, ${grouped(actual)} actual)`,
      ];
    });
    this.lines = [...new Set([...recorded, ...compared])];
    this.dropped = count('dropped').reduce((sum, each) => sum + each);
  }

  get any(): boolean {
    return this.lines.length > 0;
  }

  /**
   * True where the comparison says nothing of the recordings: rpcdump dropped bytes that they have, or there was nothing
   * to compare, perhaps because it is missing.
   */
  isInvalid({ expected, actual }: DiffCounts): boolean {
    return this.dropped > 0 || (expected + actual === 0 && (this.any || this.isEmpty));
  }
}
