/**
 * Pairs exchanges of different keys that are likely the same call with changed arguments:
 * aligns two runs of exchanges so that as many lines of their keys as possible agree.
 */
import type { Side } from './aliases.js';
import type { ComparedExchange } from './exchange.js';

/** Where the actions differ (compounds of other operations): the part of the longer key's lines that both must have. */
const LEAST_LIKENESS = 0.5;
/** Exchanges of either run that are compared with each other; longer runs are cut into such pieces. */
const PIECE = 96;
/** The table of sums, reused for each piece. */
const sums = new Float64Array((PIECE + 2) ** 2);

type TextOf = (side: Side, exchange: ComparedExchange) => string;
type Pair = readonly [expected: ComparedExchange, actual: ComparedExchange];

/** Pairs with the same procedure, ascending in both runs. */
export function likeliestPairs(
  expected: readonly ComparedExchange[],
  actual: readonly ComparedExchange[],
  textOf: TextOf,
): Pair[] {
  const pairs: Pair[] = [];
  const pieces = Math.ceil(Math.max(expected.length, actual.length) / PIECE);
  for (let piece = 0; piece < pieces; piece++) {
    const part = <T>(run: readonly T[]) =>
      run.slice(...[piece, piece + 1].map((each) => Math.round((each * run.length) / pieces)));
    pairs.push(...alignPiece(part(expected), part(actual), textOf));
  }
  return pairs;
}

function alignPiece(
  expected: readonly ComparedExchange[],
  actual: readonly ComparedExchange[],
  textOf: TextOf,
): Pair[] {
  const lines = {
    expected: expected.map((exchange) => linesOf('expected', exchange, textOf)),
    actual: actual.map((exchange) => linesOf('actual', exchange, textOf)),
  };
  const likenesses = expected.map((one, i) =>
    actual.map((other, j) => likenessOf(one, lines.expected[i], other, lines.actual[j])),
  );
  return mostAlike(likenesses).map(([i, j]) => [expected[i], actual[j]]);
}

/** The ascending pairs with the greatest sum of likenesses, by dynamic programming over `sums`. */
function mostAlike(likenesses: readonly (readonly number[])[]): [number, number][] {
  const [rows, columns] = [likenesses.length, likenesses[0]?.length ?? 0];
  const at = (i: number, j: number) => i * (columns + 1) + j;
  sums.fill(0, 0, at(rows + 1, 0));
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      const likeness = likenesses[i][j];
      sums[at(i, j)] = Math.max(sums[at(i + 1, j)], sums[at(i, j + 1)], likeness + sums[at(i + 1, j + 1)]);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    const likeness = likenesses[i][j];
    if (likeness > 0 && sums[at(i, j)] === likeness + sums[at(i + 1, j + 1)]) pairs.push([i++, j++]);
    else if (sums[at(i, j)] === sums[at(i + 1, j)]) i++;
    else j++;
  }
  return pairs;
}

function linesOf(side: Side, exchange: ComparedExchange, textOf: TextOf): Set<string> {
  return new Set(textOf(side, exchange).split('\n'));
}

/** From 0 (they cannot be the same) to 2 (equal lines and actions). */
function likenessOf(
  expected: ComparedExchange,
  expectedLines: ReadonlySet<string>,
  actual: ComparedExchange,
  actualLines: ReadonlySet<string>,
): number {
  if (expected.called !== actual.called) return 0;
  let common = 0;
  for (const line of expectedLines) if (actualLines.has(line)) common++;
  const likeness = common / Math.max(expectedLines.size, actualLines.size);
  if (expected.action === actual.action) return 1 + likeness;
  return likeness >= LEAST_LIKENESS ? likeness : 0;
}
