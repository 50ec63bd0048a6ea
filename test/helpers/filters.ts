/** What filters select of captures, in this process. */
import { Filter } from '../../src/filter/filter.js';
import { Inspection } from '../../src/index.js';
import { library } from './render.js';

/** A message that was selected. */
export interface Selected {
  message: number;
  frame: number;
}

/** The messages that a filter selects; of their headers, where that is all it asks of. */
export async function select(capture: string, text: string, { headersOnly = true } = {}): Promise<Selected[]> {
  const filter = new Filter(text, { library });
  const [selected] = await selectEach(capture, [filter], headersOnly && !filter.needsBody);
  return selected;
}

/** The messages that each of the filters selects, in one pass. */
export async function selectEach(
  capture: string,
  filters: readonly Filter[],
  headersOnly = false,
): Promise<Selected[][]> {
  const selected = filters.map((): Selected[] => []);
  const inspection: Inspection = await Inspection.open([capture], { library, headersOnly }, (dissection) => {
    const { number, frame } = dissection.message;
    tests.forEach((isSelected, i) => {
      if (isSelected(dissection)) selected[i].push({ message: number, frame });
    });
  });
  const tests = filters.map((filter) => filter.forMessages(inspection.dissector));
  await inspection.run();
  return selected;
}
