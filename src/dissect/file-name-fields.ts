/** The files that a message speaks of: paths by the fields of their handles, as they are named at its time. */
import { ByteWriter } from '../xdr/byte-writer.js';
import type { Dissection } from './dissection.js';
import type { Dissector } from './dissector.js';

/** The path of a file, by the field of its handle (`args.object.data`). */
export type FileName = readonly [field: string, path: string];

export const NO_NAMES: readonly FileName[] = [];

const scratch = new ByteWriter(1024);

/** The paths of the files whose handles the body last dissected has; none where it is not decoded. */
export function namesOf(dissection: Dissection, { names }: Dissector): readonly FileName[] {
  if (names === null || dissection.plan === null) return NO_NAMES;
  let found: FileName[] | null = null;
  const { bytes } = dissection.extent;
  names.each(dissection, (field, start, end) => {
    scratch.length = 0;
    if (!names.write(scratch, bytes, start, end)) return;
    found ??= [];
    found.push([field, scratch.toString()]);
  });
  return found ?? NO_NAMES;
}
