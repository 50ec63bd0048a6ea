/** Writes the elements of an array or list in a summary, each by its own template (format `each`). */
import { MAX_SHOWN_ELEMENTS } from '../limits/xdr.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { walkOver } from '../xdr/extract.js';
import type { ArrayPlan, ListPlan } from '../xdr/plan.js';
import type { Extent } from './extent.js';
import type { SummaryContext } from './summary.js';

/** The summary of one element, as `Summary` gives it. */
interface ElementText {
  find(extent: Extent): void;
  write(out: ByteWriter, context: SummaryContext, extent: Extent): void;
}

/** Writes the array or list of `count` elements at `at`, all of which are there and sound. */
export type ElementsWriter = (out: ByteWriter, context: SummaryContext, at: number, count: number) => void;

export function elementsWriter(plan: ArrayPlan | ListPlan, text: ElementText): ElementsWriter {
  // A list has a word before each element, unless it has none before the first; an array may have one before all.
  const before = plan.kind === 'list' ? (plan.leading ? 0 : 4) : plan.length < 0 ? 4 : 0;
  const between = plan.kind === 'list' ? 4 : 0;
  return (out, context, at, count) => {
    const { bytes } = context;
    const shown = Math.min(count, MAX_SHOWN_ELEMENTS);
    const begin = out.length;
    let next = at + before;
    for (let i = 0; i < shown; i++) {
      const end = walkOver(plan.element, bytes, next, bytes.length);
      const extent = { bytes, at: next, end, limit: end };
      text.find(extent);
      const start = out.length;
      if (start > begin) out.byte(0x2c);
      const from = out.length;
      text.write(out, context, extent);
      if (out.length === from) out.length = start;
      else if (start === begin) dropBlank(out, begin);
      next = end + between;
    }
    if (shown < count) out.utf8(`, … (${count})`);
  };
}

/** A summary begins with a blank, but the line has written the one before the first element. */
function dropBlank(out: ByteWriter, at: number): void {
  out.bytes.copyWithin(at, at + 1, out.length);
  out.length--;
}
