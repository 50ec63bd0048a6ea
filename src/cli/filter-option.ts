/** The filter of a command (`-Y`). The filter language is loaded only if there is one. */
import type { Filter, FilterOptions } from '../filter/filter.js';
import { FilterError } from '../filter/filter-error.js';
import { UsageError } from './exit.js';

/** null: no filter was given. @throws UsageError that points at the mistake in the filter. */
export async function loadFilter(text: string | undefined, options: FilterOptions): Promise<Filter | null> {
  if (text === undefined) return null;
  const { Filter } = await import('../filter/filter.js');
  try {
    return new Filter(text, options);
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(error.message);
    throw error;
  }
}
