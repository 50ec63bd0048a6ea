/** The formats of file handles that are known, one file each. */
import { freebsd } from './freebsd.js';
import { ganesha } from './ganesha.js';
import { linux } from './linux.js';

const FORMATS = [linux, ganesha, freebsd];

/** Describes the file of a handle in words; null when its format is not known. */
export function describeHandle(bytes: Uint8Array, start: number, end: number): string | null {
  for (const format of FORMATS) {
    const found = format(bytes, start, end);
    if (found !== null) return found;
  }
  return null;
}
