/** `-T fields` and `--csv` as a document of the list. */
import { type FilterOptions, MessageSource } from '../filter/filter.js';
import type { Inspection } from '../library/inspection.js';
import { FieldsWriter } from '../output/fields.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import type { DocumentWriter } from './documents.js';
import { type FieldOptions, fieldsLayout, selectedFields } from './field-options.js';

/** @throws UsageError where a field or its layout is wrong. */
export function newFieldsDocument(
  inspection: Inspection,
  buffer: ByteWriter,
  options: FieldOptions,
  filterOptions: FilterOptions,
): DocumentWriter {
  const writer = new FieldsWriter(buffer, selectedFields(options, filterOptions), fieldsLayout(options));
  const source = new MessageSource(inspection.dissector);
  return {
    begin: () => writer.begin(),
    write: (dissection) => {
      writer.write(source.of(dissection));
      return true;
    },
    end: () => {},
  };
}
