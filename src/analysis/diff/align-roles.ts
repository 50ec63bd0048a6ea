/**
 * Aligns two windows of exchanges in which several connections interleave. Each connection is aligned with its partner,
 * those without partners together, because how connections interleave differs from recording to recording. The actual
 * window then takes the order that follows from its matches, in which these ascend on both sides.
 */
import { SIDES, type Side } from './aliases.js';
import { alignSequences, type Match } from './sequence.js';

/** Something for each exchange of both windows. */
export type OfWindows<T> = Record<Side, readonly T[]>;

export interface Aligned {
  /** Places in the expected window, and in the actual one once it has its new order; both ascend. */
  matches: Match[];
  /** The places of the actual window in their new order. */
  order: number[];
}

/**
 * @param roles Equal for connections that are partners; see `Connections.roleOf`.
 * @param outcomes Keys of the exchanges with their outcome; only exchanges with the same role and `outcomes`, or else the
 *   same role and `keys`, are matched.
 */
export function alignByRole(roles: OfWindows<number>, outcomes: OfWindows<string>, keys: OfWindows<string>): Aligned {
  const groups = groupByRole(roles);
  const partners = new Array<number>(roles.actual.length).fill(-1);
  /** For each actual exchange the place of the expected one that it stands at or behind; the last of a role come last. */
  const places = new Array<number>(roles.actual.length).fill(Number.POSITIVE_INFINITY);
  for (const group of groups.values()) {
    let next = 0;
    let place = -1;
    for (const [i, j] of alignTwice(partOf(outcomes, group), partOf(keys, group))) {
      while (next < j) places[group.actual[next++]] = place;
      place = group.expected[i];
      partners[group.actual[j]] = place;
      places[group.actual[next++]] = place;
    }
  }
  const order = [...partners.keys()];
  if (groups.size > 1) order.sort((one, other) => compare(places[one], places[other]) || one - other);
  return { matches: order.flatMap((at, j) => (partners[at] < 0 ? [] : [[partners[at], j] as const])), order };
}

/** Unlike a difference, this is 0 for two infinities. */
function compare(one: number, other: number): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The places of each role in both windows. */
function groupByRole(roles: OfWindows<number>): Map<number, Record<Side, number[]>> {
  const groups = new Map<number, Record<Side, number[]>>();
  for (const side of SIDES) {
    for (const [place, role] of roles[side].entries()) {
      const group = groups.get(role) ?? { expected: [], actual: [] };
      group[side].push(place);
      groups.set(role, group);
    }
  }
  return groups;
}

function partOf(texts: OfWindows<string>, group: OfWindows<number>): OfWindows<string> {
  return {
    expected: group.expected.map((place) => texts.expected[place]),
    actual: group.actual.map((place) => texts.actual[place]),
  };
}

/** First matches exchanges that are equal with their outcome, then equal calls between those. */
function alignTwice(outcomes: OfWindows<string>, keys: OfWindows<string>): Match[] {
  const matches: Match[] = [];
  let [i, j] = [0, 0];
  const end: Match = [keys.expected.length, keys.actual.length];
  for (const [iNext, jNext] of [...alignSequences(outcomes.expected, outcomes.actual), end]) {
    const between = alignSequences(keys.expected.slice(i, iNext), keys.actual.slice(j, jNext));
    for (const [iBetween, jBetween] of between) matches.push([i + iBetween, j + jBetween]);
    if (iNext < end[0]) matches.push([iNext, jNext]);
    [i, j] = [iNext + 1, jNext + 1];
  }
  return matches;
}
