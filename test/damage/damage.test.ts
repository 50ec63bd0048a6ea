/**
 * Damaged copies of undamaged captures, held to what the undamaged ones give; truth.ts says exactly what that means.
 *
 * Holes inside of records cost what they cover and nothing else: no message is invented or found twice, every message that is there is
 * found, with every field that ends before its first missing byte. Holes across record boundaries and beginnings in mid-stream cost
 * more where bytes cannot decide: there precision and recall are measured. `npm run damage` does it with 10,000 copies each and prints
 * the figures; here it is fewer, always the same ones.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { damages } from './damage.js';
import { damageSubjects, SUBJECT_NAMES, tryDamage } from './subjects.js';
import type { Outcome, Subject } from './truth.js';

const COPIES = Number(process.env.DAMAGE_COPIES ?? 180);
const SEED = Number(process.env.DAMAGE_SEED ?? 4);
const numRuns = Math.ceil(COPIES / SUBJECT_NAMES.length);
/** Some 20 ms a copy, and other work on the machine. */
const TIMEOUT = 60_000 + COPIES * 300;
const LEAST = 0.999;

let subjects: Map<string, Subject>;

beforeAll(async () => {
  subjects = await damageSubjects();
});

describe('holes inside of records', () => {
  test.each(SUBJECT_NAMES)(
    '%s',
    (name) => {
      const property = fc.property(damages(false), (steps) => {
        const { invented, missed } = tryDamage(subjects.get(name)!, steps, true);
        expect([...invented, ...missed]).toEqual([]);
      });
      fc.assert(property, { numRuns, seed: SEED });
    },
    TIMEOUT,
  );
});

test(
  'holes anywhere, and beginnings in mid-stream',
  () => {
    const total = { copies: 0, found: 0, true: 0, there: 0, thereFound: 0 };
    const faults: string[] = [];
    for (const name of SUBJECT_NAMES) {
      for (const steps of fc.sample(damages(true), { numRuns, seed: SEED })) {
        const outcome = tryDamage(subjects.get(name)!, steps, false);
        add(total, outcome);
        for (const fault of [...outcome.invented, ...outcome.missed]) {
          faults.push(`${name}: ${fault}\n  ${JSON.stringify(steps)}`);
        }
      }
    }
    const precision = total.true / total.found;
    const recall = total.thereFound / total.there;
    if (process.env.DAMAGE_COPIES) console.log(report(total, precision, recall), faults.slice(0, 20).join('\n'));
    expect(precision).toBeGreaterThanOrEqual(LEAST);
    expect(recall).toBeGreaterThanOrEqual(LEAST);
  },
  TIMEOUT,
);

interface Total {
  copies: number;
  found: number;
  true: number;
  there: number;
  thereFound: number;
}

function add(total: Total, outcome: Outcome): void {
  total.copies++;
  for (const key of ['found', 'true', 'there', 'thereFound'] as const) total[key] += outcome[key];
}

function report({ copies, found, there, ...total }: Total, precision: number, recall: number): string {
  const percent = (part: number) => `${(100 * part).toFixed(3)} %`;
  return [
    `${copies} damaged copies`,
    `  ${found} messages found, ${total.true} true: precision ${percent(precision)}`,
    `  ${there} messages there, ${total.thereFound} found: recall ${percent(recall)}`,
    '',
  ].join('\n');
}
