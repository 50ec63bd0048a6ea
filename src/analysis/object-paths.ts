/**
 * Paths below a folder for names that come from a capture. Whatever the name is, its path stays in
 * the folder and is one that file systems accept. `..`, control characters, characters that look
 * like others or are special to a system, and bytes that are not UTF-8 are written as %XX (and %
 * as %25). Long names are cut and end in a checksum; of deep paths only the last parts are kept.
 * No two names get the same path, nor paths that differ only in case: later ones end in `~2`.
 * Folders whose names differ only in case become one folder with the first of these names.
 */
import { MAX_OBJECT_NAME, MAX_OBJECT_PATH } from '../limits/export.js';
import { UNSAFE } from '../xdr/byte-writer.js';
import { crc32 } from '../xdr/crc32.js';

class Folder {
  constructor(readonly name: string) {}

  /** Subfolders; null for a file. */
  readonly entries = new Map<string, Folder | null>();
  /** How many files asked for a name: the next one that asks gets this number. */
  readonly counts = new Map<string, number>();
}

/** Characters that Windows, shells or listings treat specially. */
const SPECIAL = /[%\\:*?"<>|]/g;
/**
 * Device names on Windows, with any extension; the digit may
 * be a superscript, and blanks may stand before the extension.
 */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\.|$)/i;
const NOT_UTF8 = '\ufffd';

export class ObjectPaths {
  private readonly root = new Folder('');

  /** @param taken Names in the folder that are already used by something else. */
  constructor(taken: readonly string[] = []) {
    for (const name of taken) this.root.entries.set(key(name), null);
  }

  /** The parts of a path that only `path` has; `path` has one character for each byte. */
  place(path: string): string[] {
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    const parts = lastParts(names.map(safeName));
    const last = parts.pop() ?? '%2F';
    const placed: string[] = [];
    let folder = this.root;
    for (const part of parts) {
      const name = folder.entries.get(key(part)) === null ? this.freeName(folder, part, true) : part;
      const next = folder.entries.get(key(name)) ?? new Folder(name);
      folder.entries.set(key(name), next);
      folder = next;
      placed.push(next.name);
    }
    const name = this.freeName(folder, last, false);
    folder.entries.set(key(name), null);
    return [...placed, name];
  }

  /** The name, or the first of `name~2`, `name~3` … that is free. A folder may share its name with a folder. */
  private freeName({ entries, counts }: Folder, name: string, isFolder: boolean): string {
    const isFree = (each: string) => (isFolder ? entries.get(key(each)) !== null : !entries.has(key(each)));
    let count = isFolder ? 1 : (counts.get(key(name)) ?? 1);
    let found = count === 1 ? name : `${name}~${count}`;
    while (!isFree(found)) found = `${name}~${++count}`;
    if (!isFolder) counts.set(key(name), count + 1);
    return found;
  }
}

/** As many of the last parts as fit into MAX_OBJECT_PATH. */
function lastParts(parts: readonly string[]): string[] {
  let length = 0;
  let first = parts.length;
  while (first > 0) {
    length += Buffer.byteLength(parts[first - 1]) + 1;
    if (length > MAX_OBJECT_PATH) break;
    first--;
  }
  return parts.slice(first);
}

/** The same text for names that a file system may take for the same. */
function key(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** A part of a path as a name that every file system accepts. */
function safeName(name: string): string {
  const bytes = Buffer.from(name, 'latin1');
  const text = bytes.toString('utf8');
  const isText = !text.includes(NOT_UTF8);
  let safe = isText ? text.replace(SPECIAL, percent).replace(UNSAFE, percent) : [...bytes].map(percentByte).join('');
  if (/^\.+$/.test(safe) || DEVICE.test(safe)) safe = percent(safe[0]) + safe.slice(1);
  safe = safe.replace(/[. ]$/, percent);
  if (Buffer.byteLength(safe) <= MAX_OBJECT_NAME) return safe;
  const sum = (crc32(bytes, 0, bytes.length) >>> 0).toString(16).padStart(8, '0');
  return `${cutText(safe, MAX_OBJECT_NAME - 9)}~${sum}`;
}

function percent(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function percentByte(byte: number): string {
  const text = String.fromCharCode(byte);
  return byte >= 0x20 && byte < 0x7f && text.search(SPECIAL) < 0
    ? text
    : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The first characters that take at most `size` bytes, without a partial %XX. */
function cutText(text: string, size: number): string {
  let cut = '';
  let length = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > size) break;
    cut += character;
  }
  return cut.replace(/%[\dA-F]?$/, '');
}
