/**
 * What a thread needs to render units: a dissector with its own memory of calls
 * (the state that replies need), and the requested document, written into a buffer.
 */
import { CallMemory } from '../../dissect/call-memory.js';
import type { Dissection } from '../../dissect/dissection.js';
import { Dissector } from '../../dissect/dissector.js';
import { DissectorLibrary } from '../../dissect/library.js';
import type { Names } from '../../dissect/names.js';
import type { Filter } from '../../filter/filter.js';
import { UnitReader } from '../../rpc/unit-reader.js';
import type { ByteWriter } from '../../xdr/byte-writer.js';
import { type DocumentWriter, newDocument } from '../documents.js';
import { loadFilter } from '../filter-option.js';
import type { ListOptions } from '../list-options.js';
import type { UnitBlocks } from './unit-blocks.js';

/** The data that threads get when they start; it can be cloned. */
export interface RenderTask {
  options: ListOptions;
  /** Names of the inputs. */
  files: string[];
  isTerminal: boolean;
  columns: number | null;
}

export interface Rendering {
  reader: UnitReader;
  calls: CallMemory;
  dissector: Dissector;
  document: DocumentWriter<Dissection>;
  /** null: all messages are written. */
  filter: Filter | null;
}

/** @throws UsageError for a wrong field or layout. */
export async function newRendering(
  blocks: UnitBlocks,
  { options, files, isTerminal, columns }: RenderTask,
  names: Names | null,
  buffer: ByteWriter,
  library = new DissectorLibrary(options.xdr),
): Promise<Rendering> {
  const reader = new UnitReader();
  const calls = new CallMemory();
  const dissector = new Dissector(library, calls, { names });
  const inspection = {
    dissector,
    files,
    first: blocks.first,
    hasInterfaces: () => reader.hasInterfaces,
  };
  const filterOptions = { library, inputs: () => inspection };
  const document = await newDocument({ inspection, output: { buffer, isTerminal, columns }, filterOptions }, options);
  const filter = await loadFilter(options.displayFilter, filterOptions);
  return { reader, calls, dissector, document, filter };
}
