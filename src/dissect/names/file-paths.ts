/**
 * Makes the paths of files (`file-names.ts`): the names of its links, from the root on. A directory whose name nobody
 * told is the hash of its handle, as in `0x1a2b3c4d/b.txt`. Short paths are kept until a link changes.
 */
import { MAX_PATH_BYTES, MAX_PATH_KEPT, MAX_PATH_NAMES } from '../../limits/dissect.js';
import { ByteWriter } from '../../xdr/byte-writer.js';
import { type File, type Link, writeHash } from './file.js';
import { type Label, parentOf } from './label.js';
import type { RecencyTable } from './recency-table.js';

const SLASH = 0x2f;

/** A kept path has no more names: each takes a byte and a slash. */
const MAX_NAMES_KEPT = MAX_PATH_KEPT / 2;

export class FilePaths {
  /** Counts changes: a path that was made under another number is out of date. */
  private number = 1;
  private readonly text = new ByteWriter(1024);

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
    this.writeLink(out, link);
    return true;
  }

  /** The paths of all links of a file, the one learnt last first, with a character for each byte. */
  of(file: File): string[] {
    const { text } = this;
    const paths: string[] = [];
    for (let { link } = file; link !== null; link = link.older) {
      text.length = 0;
      this.writeLink(text, link);
      paths.push(text.bytes.toString('latin1', 0, text.length));
    }
    return paths;
  }

  /**
   * A file's path as text; the hash of its handle where it has no name. The same label again while nothing changes,
   * unless it is long.
   */
  labelOf(file: File): Label {
    const { label } = file;
    if (label !== null && label.paths === this.number && label.link === file.link) return label;
    return this.makeLabel(file);
  }

  private makeLabel(file: File): Label {
    const { text, number } = this;
    const { label, link } = file;
    text.length = 0;
    if (!this.write(text, file)) writeUnknown(text, file);
    const made = text.toString();
    // Other paths changed, not this one.
    const path = label?.text === made ? label.text : made;
    const next = { text: path, directory: parentOf(path), file, paths: number, link };
    file.label = path.length <= MAX_PATH_KEPT ? next : null;
    return next;
  }

  private writeLink(out: ByteWriter, { parent, name }: Link): void {
    if (parent !== null) this.writeDirectory(out, parent, 1, MAX_PATH_BYTES - name.length);
    // Each character of the name is a byte, also where it is not ASCII.
    out.ascii(name);
  }

  /**
   * Writes a directory's path with a slash behind it; of a path longer than `room` bytes the last part, behind the hash
   * of a directory, and then answers false. `names` is how many names follow. Most files that are shown have a neighbour
   * that was shown before, so short paths are kept.
   */
  private writeDirectory(out: ByteWriter, file: File, names: number, room: number): boolean {
    // A path must not depend on which directories were shown before: what is kept is written where it is surely whole.
    if (file.pathOf === this.number && file.path.length <= room && names <= MAX_PATH_NAMES - MAX_NAMES_KEPT) {
      out.copy(file.path, 0, file.path.length);
      return true;
    }
    const start = out.length;
    const { link } = file;
    const left = link === null ? 0 : room - link.name.length - 1;
    let isWhole = left >= 0 && names < MAX_PATH_NAMES;
    if (link === null || !isWhole) writeUnknown(out, file);
    else {
      this.links.use(link);
      if (link.parent !== null) isWhole = this.writeDirectory(out, link.parent, names + 1, left);
      out.ascii(link.name);
    }
    if (out.length === start || out.bytes[out.length - 1] !== SLASH) out.byte(SLASH);
    if (isWhole && out.length - start <= MAX_PATH_KEPT) {
      file.path = Uint8Array.prototype.slice.call(out.bytes, start, out.length);
      file.pathOf = this.number;
    }
    return isWhole;
  }
}

function writeUnknown(out: ByteWriter, file: File): void {
  if (!writeHash(out, file)) out.utf8('…');
}
