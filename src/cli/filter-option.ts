/** `-Y`: the filter of a command. Loaded only if there is one. */
import { Filter, type FilterOptions } from '../filter/filter.js';
import { FilterError } from '../filter/filter-error.js';
import { UsageError } from './exit.js';

/** @throws UsageError that points at the mistake in the filter. */
export function parseFilterOption(text: string, options: FilterOptions): Filter {
  try {
    return new Filter(text, options);
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(error.message);
    throw error;
  }
}
