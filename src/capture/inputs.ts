/**
 * Expands the user's arguments to files. A file stands for itself; a directory for the captures in it, recognised by
 * their first bytes, in natural order (`cap.pcap2` before `cap.pcap10`). Directories inside it are not searched.
 *
 * Other files of a directory are left out without a word, unless they seem to be captures, by their name or their first
 * bytes: a capture that is missing from a recording of many files must not be missed by the reader.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorReason } from './input.js';
import { CaptureError, openCapture } from './source.js';

const readdir = promisify(fs.readdir);
const stat = promisify(fs.stat);

/** Names of captures: with the numbers that rotation puts behind the suffix, and with a compression's suffix. */
const CAPTURE_NAME = /\.(pcap|pcapng|cap|snoop|iptrace|dmp)[.\d_-]*(\.(gz|zst|xz|bz2|lz4|zip))?$/i;

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

async function expandDirectory(path: string, { files, problems }: ExpandedInputs): Promise<void> {
  try {
    const names = await readdir(path);
    names.sort(new Intl.Collator('en', { numeric: true }).compare);
    let captures = 0;
    let directories = 0;
    for (const name of names) {
      const file = join(path, name);
      const found = await stat(file).catch(() => null);
      if (found?.isDirectory()) directories++;
      if (found === null ? !CAPTURE_NAME.test(name) : !found.isFile()) continue;
      const problem = await captureProblem(file, name);
      if (problem === null) files.push(file);
      else if (problem !== NOT_A_CAPTURE) problems.push({ file, message: problem });
      if (problem !== NOT_A_CAPTURE) captures++;
    }
    if (captures === 0) problems.push({ file: path, message: emptyDirectory(directories) });
  } catch (error) {
    problems.push({ file: path, message: errorReason(error) });
  }
}

const NOT_A_CAPTURE = Symbol('not a capture');

/** Why a file of a directory cannot be read; null: it is a capture. */
async function captureProblem(file: string, name: string): Promise<string | typeof NOT_A_CAPTURE | null> {
  try {
    await (await openCapture(file)).close();
    return null;
  } catch (error) {
    const isOther = error instanceof CaptureError && (error.kind === 'not a capture' || error.kind === 'empty');
    return isOther && !CAPTURE_NAME.test(name) ? NOT_A_CAPTURE : errorReason(error);
  }
}

function emptyDirectory(directories: number): string {
  const inner = directories === 0 ? '' : `; directories in it, which are not searched: ${directories}`;
  return `no captures in this directory${inner}`;
}

async function isDirectory(path: string): Promise<boolean> {
  return path !== '-' && ((await stat(path).catch(() => null))?.isDirectory() ?? false);
}
