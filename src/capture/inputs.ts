/**
 * Expands the user's arguments to files. A file stands for itself; a directory for the captures in it, recognised by
 * their first bytes, in natural order (`cap.pcap2` before `cap.pcap10`). Directories inside it are ignored.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorReason } from './input.js';
import { CaptureError, openCapture } from './source.js';

const readdir = promisify(fs.readdir);
const stat = promisify(fs.stat);

export interface InputProblem {
  file: string;
  message: string;
}

export interface ExpandedInputs {
  files: string[];
  problems: InputProblem[];
}

/** Paths that do not exist stay in `files`: opening them gives the error message. */
export async function expandInputs(paths: readonly string[]): Promise<ExpandedInputs> {
  const expanded: ExpandedInputs = { files: [], problems: [] };
  for (const path of paths) {
    if (await isDirectory(path)) await expandDirectory(path, expanded);
    else expanded.files.push(path);
  }
  return expanded;
}

/**
 * True when one of the inputs can be read only once: standard input, or a path that is neither
 * file nor directory (a named pipe).
 */
export async function isAnyReadOnce(paths: readonly string[]): Promise<boolean> {
  return (await Promise.all(paths.map(isReadOnce))).includes(true);
}

async function isReadOnce(path: string): Promise<boolean> {
  if (path === '-') return true;
  const found = await stat(path).catch(() => null);
  return found !== null && !found.isFile() && !found.isDirectory();
}

async function expandDirectory(path: string, expanded: ExpandedInputs): Promise<void> {
  try {
    const files = await capturesIn(path, expanded.problems);
    if (files.length === 0) expanded.problems.push({ file: path, message: 'no captures in this directory' });
    expanded.files.push(...files);
  } catch (error) {
    expanded.problems.push({ file: path, message: errorReason(error) });
  }
}

async function capturesIn(directory: string, problems: InputProblem[]): Promise<string[]> {
  const names = await readdir(directory);
  names.sort(new Intl.Collator('en', { numeric: true }).compare);
  const files: string[] = [];
  for (const name of names) {
    const file = join(directory, name);
    if ((await isFile(file)) && (await isCapture(file, problems))) files.push(file);
  }
  return files;
}

/** A file that is not a capture is ignored; a capture that cannot be read is a problem. */
async function isCapture(file: string, problems: InputProblem[]): Promise<boolean> {
  try {
    await (await openCapture(file)).close();
    return true;
  } catch (error) {
    const isOther = error instanceof CaptureError && (error.kind === 'not a capture' || error.kind === 'empty');
    if (!isOther) problems.push({ file, message: errorReason(error) });
    return false;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return path !== '-' && ((await stat(path).catch(() => null))?.isDirectory() ?? false);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}
