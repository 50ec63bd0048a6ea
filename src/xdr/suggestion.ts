/**
 * "Did you mean": the known name nearest to an unknown one, counted in letters added, lost, replaced or swapped. Where
 * none differs in at most a third of its letters, it is the shortest name that begins with the unknown one. Looks at
 * MAX_CANDIDATES names at most, so that a file of unknown names stays cheap.
 */
const MAX_CANDIDATES = 5000;
const MIN_LENGTH = 3;
const MAX_LENGTH = 64;

/** `; did you mean 'NAME'?`, or nothing. */
export function suggest(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest === null ? '' : didYouMean(nearest);
}

export function didYouMean(name: string): string {
  return `; did you mean '${name}'?`;
}

/** null: no name is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  if (name.length < MIN_LENGTH || name.length > MAX_LENGTH) return null;
  let limit = Math.floor(name.length / 3) + 1;
  let nearest: string | null = null;
  let longer: string | null = null;
  let looked = 0;
  for (const candidate of candidates) {
    if (++looked > MAX_CANDIDATES) break;
    if (
      candidate.length > name.length &&
      candidate.length < (longer?.length ?? MAX_LENGTH) &&
      beginsWith(candidate, name)
    )
      longer = candidate;
    if (candidate === name || Math.abs(candidate.length - name.length) >= limit) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= limit) continue;
    limit = distance;
    nearest = candidate;
  }
  return nearest ?? longer;
}

function beginsWith(candidate: string, name: string): boolean {
  return candidate.slice(0, name.length).toLowerCase() === name.toLowerCase();
}

function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? beforeLast[j - 2] + 1 : replaced;
      row.push(Math.min(replaced, swapped, last[j] + 1, row[j - 1] + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
}
