/** Paths of fields (`resok.object.data`), as they are put together while a plan is walked. */

/** One path inside another; either may be empty. */
export function joinPaths(outer: string, inner: string): string {
  if (outer === '') return inner;
  return inner === '' ? outer : `${outer}.${inner}`;
}
