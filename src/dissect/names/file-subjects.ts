/**
 * What a call is about, as paths: the file, and the directory that it is in. A call that names an entry of a directory (LOOKUP, CREATE,
 * REMOVE …) is about that entry, one that lists a directory about the directory, any other about its first file handle. Of a compound
 * it is what the operation that matters is done on. Paths are those that hold when the call is sent.
 */
import { CALL } from '../../rpc/message.js';
import type { Dissection } from '../dissector.js';
import type { Names } from '../names.js';
import type { Compound, Operation } from '../operations.js';
import type { Procedure } from '../procedure.js';
import type { Extent } from '../summary.js';
import { argumentFields } from './current-handle.js';
import { endOfBytes, startOf } from './fields.js';

/** Operations whose name is one of an entry that is there no more, or not yet: the current file stays what it is. */
const ENTRY_OPERATIONS = new Set(['REMOVE', 'LINK', 'RENAME']);

export class FileSubjects {
  /** A path, and an entry below it; null: the path itself, which is a directory where `isListing`. */
  private path = '';
  private entry: string | null = null;
  private isListing = false;

  constructor(private readonly names: Names) {}

  /** Empty where the call is about no file, or it cannot be read. */
  get file(): string {
    return this.entry === null ? this.path : join(this.path, this.entry);
  }

  get directory(): string {
    return this.entry !== null || this.isListing ? this.path : parentOf(this.path);
  }

  /** Reads the call last dissected. */
  read({ message, procedure, compound, extent, plan }: Dissection): void {
    this.setFile('');
    if (message.type !== CALL || procedure === null || plan === null) return;
    if (compound !== null) this.readCompound(compound, extent);
    else this.readCall(procedure, extent);
  }

  private readCall(procedure: Procedure, extent: Extent): void {
    const { callSummary: summary, callHandles, nameLesson: lesson } = procedure;
    const name = lesson?.bytesOfCall('name', extent, summary) ?? null;
    const dir = lesson?.bytesOfCall('dir', extent, summary) ?? null;
    if (dir !== null) return this.set(this.label(extent, dir), name === null ? null : textOf(extent, name));
    if (name !== null && lesson?.hasPath) return this.setFile(textOf(extent, name));
    for (const { plan, extra } of callHandles) {
      const at = summary.at(extra);
      if (at < 0) continue;
      return this.setFile(this.label(extent, [startOf(plan, at), endOfBytes(plan, extent.bytes, at)]));
    }
  }

  private readCompound({ operations, main }: Compound, extent: Extent): void {
    let [current, saved] = ['', ''];
    for (let index = 0; index <= main; index++) {
      const operation = operations[index];
      const { name } = operation;
      if (name === 'PUTROOTFH') current = '/';
      else if (name === 'SAVEFH') saved = current;
      else if (name === 'RESTOREFH') current = saved;
      else if (name === 'LOOKUPP') current = parentOf(current);
      else {
        const field = this.fieldOf(operation, extent);
        if (index === main) return this.setMain(name, name === 'RENAME' ? saved : current, field, extent);
        if (field !== null) current = this.next(name, current, field, extent);
      }
    }
    this.setFile(current);
  }

  private setMain(name: string, current: string, field: [number, number] | null, extent: Extent): void {
    if (name === 'PUTFH') this.setFile(field === null ? '' : this.label(extent, field));
    else if (field !== null) this.set(current, textOf(extent, field));
    else if (name === 'READDIR') this.set(current, null);
    else this.setFile(current);
  }

  private next(name: string, current: string, field: [number, number], extent: Extent): string {
    if (name === 'PUTFH') return this.label(extent, field);
    return ENTRY_OPERATIONS.has(name) ? current : join(current, textOf(extent, field));
  }

  /** The handle, or the first name, of an operation. */
  private fieldOf({ plan, name, at }: Operation, extent: Extent): [start: number, end: number] | null {
    if (plan === null) return null;
    const fields = argumentFields.of(plan, name);
    fields.find(extent, at);
    const found = fields.plans.findIndex((_, i) => fields.at(i) >= 0);
    if (found < 0) return null;
    return [
      startOf(fields.plans[found], fields.at(found)),
      endOfBytes(fields.plans[found], extent.bytes, fields.at(found)),
    ];
  }

  private label({ bytes }: Extent, [start, end]: [number, number]): string {
    return this.names.labelOf(bytes, start, end);
  }

  /** A directory, or an entry of it. */
  private set(directory: string, name: string | null): void {
    this.path = directory;
    this.entry = name;
    this.isListing = name === null;
  }

  private setFile(path: string): void {
    this.path = path;
    this.entry = null;
    this.isListing = false;
  }
}

function textOf({ bytes }: Extent, [start, end]: [number, number]): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
}

function join(directory: string, name: string): string {
  if (name === '.') return directory;
  if (name === '..') return parentOf(directory);
  if (directory === '') return `…/${name}`;
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** The directory that a path is in; nothing where it is not known. */
function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash > 0 ? path.slice(0, slash) : slash === 0 && path !== '/' ? '/' : '';
}
