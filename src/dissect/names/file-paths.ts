/**
 * Makes the paths of files (`file-names.ts`): the names of its links, from the root on. A directory whose name nobody
 * told is the hash of its handle, as in `0x1a2b3c4d/b.txt`. Paths are kept until a link changes.
 */
import { MAX_PATH_NAMES } from '../../limits.js';
import { ByteWriter } from '../../xdr/byte-writer.js';
import { type File, type Link, writeHash } from './file.js';
import { type Label, parentOf } from './label.js';
import type { RecencyTable } from './recency-table.js';

const SLASH = 0x2f;
const NO_BYTES: Uint8Array = new Uint8Array(0);

export class FilePaths {
  /** Counts changes: a path that was made under another number is out of date. */
  private number = 1;
  private readonly text = new ByteWriter(1024);
  private readonly labels = new ByteWriter(1024);

  constructor(private readonly links: RecencyTable<Link>) {}

  /** Puts all kept paths out of date: a link of a directory changed, or links are about to be forgotten. */
  change(): void {
    this.number++;
  }

  /** Writes a file's path; false, and nothing is written, when it has no name. */
  write(out: ByteWriter, file: File): boolean {
    const { link } = file;
    if (link === null) return false;
    this.links.use(link);
    if (link.parent !== null) {
      const path = this.directoryPath(link.parent, 0);
      out.copy(path, 0, path.length);
    }
    // Each character of the name is a byte, also where it is not ASCII.
    out.ascii(link.name);
    return true;
  }

  /** The paths of all links of a file, the one learnt last first, with a character for each byte. */
  of(file: File): string[] {
    const paths: string[] = [];
    for (let { link } = file; link !== null; link = link.older) {
      const parent = link.parent === null ? NO_BYTES : this.directoryPath(link.parent, 0);
      paths.push(Buffer.from(parent).toString('latin1') + link.name);
    }
    return paths;
  }

  /** A file's path as text; the hash of its handle where it has no name. The same label again while nothing changes. */
  labelOf(file: File): Label {
    const { label } = file;
    if (label !== null && label.paths === this.number && label.link === file.link) return label;
    return this.makeLabel(file);
  }

  private makeLabel(file: File): Label {
    const { labels, number } = this;
    const { label, link } = file;
    labels.length = 0;
    if (!this.write(labels, file)) writeUnknown(labels, file);
    const made = labels.toString();
    // Other paths changed, not this one.
    const text = label?.text === made ? label.text : made;
    file.label = { text, directory: parentOf(text), file, paths: number, link };
    return file.label;
  }

  /** A directory's path with a slash behind it: most files that are shown have a neighbour that was shown before. */
  private directoryPath(file: File, depth: number): Uint8Array {
    if (file.pathOf === this.number) return file.path;
    const { link } = file;
    const parent = link?.parent && depth < MAX_PATH_NAMES ? this.directoryPath(link.parent, depth + 1) : NO_BYTES;
    const { text } = this;
    text.length = 0;
    if (link === null || depth === MAX_PATH_NAMES) writeUnknown(text, file);
    else {
      this.links.use(link);
      text.copy(parent, 0, parent.length);
      text.ascii(link.name);
    }
    if (text.bytes[text.length - 1] !== SLASH) text.byte(SLASH);
    file.path = Uint8Array.prototype.slice.call(text.bytes, 0, text.length);
    file.pathOf = this.number;
    return file.path;
  }
}

function writeUnknown(out: ByteWriter, file: File): void {
  if (!writeHash(out, file)) out.utf8('…');
}
