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
  const selected: Selected[] = [];
  const options = { library, headersOnly: headersOnly && !filter.needsBody };
  const inspection: Inspection = await Inspection.open([capture], options, (dissection) => {
    const { number, frame } = dissection.message;
    if (isSelected(dissection)) selected.push({ message: number, frame });
  });
  const isSelected = filter.forMessages(inspection.dissector);
  await inspection.run();
  return selected;
}
