/**
 * Paths of files as texts. A path is the same text as long as
 * nothing changes, so that counting by path compares no characters.
 */
import { MAX_PATH_KEPT } from '../../limits/dissect.js';
import type { File, Link } from './file.js';

export interface Label {
  /** The path; the hash of its handle for a file without a name. */
  readonly text: string;
  /** The directory that it is in; empty where that is not known. */
  readonly directory: string;
  /** The file that the path leads to; null where only the path is known. */
  readonly file: File | null;
}

/** A path without a known file. */
export function pathLabel(text: string): Label {
  return { text, directory: parentOf(text), file: null };
}

/** The path of a link's name in its directory, as it was last shown. */
export interface EntryPath {
  readonly directory: string;
  readonly text: string;
}

/** The path of a name in a directory, as calls show it; the same text while the directory's path, if short, does not change. */
export function entryPath(link: Link, directory: string): string {
  const { entry } = link;
  if (entry?.directory === directory) return entry.text;
  const text = join(directory, Buffer.from(link.name, 'latin1').toString());
  link.entry = directory.length <= MAX_PATH_KEPT ? { directory, text } : null;
  return text;
}

export function join(directory: string, name: string): string {
  if (name === '.') return directory;
  if (name === '..') return parentOf(directory);
  if (directory === '') return `…/${name}`;
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** The directory that a path is in; nothing where it is not known. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash > 0 ? path.slice(0, slash) : slash === 0 && path !== '/' ? '/' : '';
}
