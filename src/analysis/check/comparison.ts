/** Comparisons with a bound: `>= 3`, `< 10ms`. */

/** The longest first, because a regular expression takes the first alternative that fits. */
export const COMPARATORS = ['<=', '>=', '==', '!=', '<', '>'] as const;
export type Comparator = (typeof COMPARATORS)[number];

const HOLDS: Record<Comparator, (order: number) => boolean> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>=': (order) => order >= 0,
  '>': (order) => order > 0,
};

/** Whether `value COMPARATOR bound` is true; of NaN (the mean of both infinities) only `!=` is. */
export function holds(value: number, comparator: Comparator, bound: number): boolean {
  return HOLDS[comparator](value < bound ? -1 : value > bound ? 1 : value === bound ? 0 : Number.NaN);
}
