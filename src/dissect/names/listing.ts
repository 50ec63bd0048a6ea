/** Learns from a listing of a directory: the name of each entry, and the file that it is, by handle or by identity. */
import type { OpaquePlan, Plan, StringPlan } from '../../xdr/plan.js';
import { EntryReader } from '../entries.js';
import type { Extent } from '../extent.js';
import { planAt } from '../field-path.js';
import { bytesField, byteText, endOfBytes, sizeOfIdentity, startOf } from './fields.js';
import type { File } from './file.js';
import type { FileNames, Identity } from './file-names.js';

const NAME = 0;
const OTHER = 1;

export class Listing {
  private readonly shared: Identity;

  private constructor(
    private readonly reader: EntryReader,
    private readonly name: OpaquePlan | StringPlan,
    private readonly handle: OpaquePlan | StringPlan | null,
    fileidSize: number,
  ) {
    this.shared = { bytes: new Uint8Array(0), fsid: 0, fileid: 0, size: fileidSize };
  }

  /**
   * Entries whose names stand at the path `name`, and handles or file numbers at `other`; undefined when they do not.
   * @param fsidSize Bytes of the file system's number, and so of the entries' file numbers; 0 for entries with handles.
   */
  static of(list: Plan | undefined, name: string, other: string, fsidSize = 0): Listing | undefined {
    if ((list?.kind !== 'list' && list?.kind !== 'array') || name === undefined || other === undefined)
      return undefined;
    const field = bytesField(list.element, name);
    const handle = fsidSize === 0 ? bytesField(list.element, other) : undefined;
    const fileidSize = sizeOfIdentity(planAt(list.element, other));
    if (field === undefined || (handle === undefined && (fsidSize === 0 || fileidSize !== fsidSize))) return undefined;
    const reader = new EntryReader(list, [field.path, handle?.path ?? other]);
    return new Listing(reader, field.plan, handle?.plan ?? null, fsidSize);
  }

  /** @param fsid Where the directory's file system lies, for entries without handles. */
  learn(names: FileNames, server: number, extent: Extent, at: number, dir: File, fsid: number): void {
    const { reader } = this;
    const { bytes } = extent;
    for (reader.begin(extent, at); reader.next(); ) {
      const name = reader.field(NAME);
      const other = reader.field(OTHER);
      if (name < 0 || other < 0) continue;
      const [start, end] = [startOf(this.name, name), endOfBytes(this.name, bytes, name)];
      const file = this.fileOf(names, server, bytes, other, fsid);
      if (file !== null && names.findLink(dir, bytes, start, end)?.child === file) continue;
      const text = byteText(bytes, start, end);
      if (file !== null) names.link(dir, text, file);
      else names.linkIdentity(server, this.identity(bytes, fsid, other), dir, text);
    }
  }

  /** The file of an entry; null for an identity not seen before. */
  private fileOf(names: FileNames, server: number, bytes: Uint8Array, at: number, fsid: number): File | null {
    const { handle } = this;
    if (handle === null) return names.fileOfIdentity(server, this.identity(bytes, fsid, at));
    return names.fileOf(server, bytes, startOf(handle, at), endOfBytes(handle, bytes, at));
  }

  private identity(bytes: Uint8Array, fsid: number, fileid: number): Identity {
    const { shared } = this;
    shared.bytes = bytes;
    shared.fsid = fsid;
    shared.fileid = fileid;
    return shared;
  }
}
