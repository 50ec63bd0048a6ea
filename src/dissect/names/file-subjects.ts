/**
 * Tells what a call is about, as paths: the file, and the directory that it is in. A call
 * that names an entry of a directory (LOOKUP, CREATE, REMOVE …) is about that entry, one that
 * lists a directory about the directory, any other about its first file handle. A compound is
 * about what its main operation is done on. Paths are those that hold when the call is sent.
 */
import { CALL } from '../../rpc/message.js';
import type { OpaquePlan, StringPlan } from '../../xdr/plan.js';
import type { Dissection } from '../dissection.js';
import type { Extent } from '../extent.js';
import type { Names } from '../names.js';
import type { Operation } from '../operation-shapes.js';
import type { Compound } from '../operations.js';
import type { Procedure } from '../procedure.js';
import { argumentFields } from './current-handle.js';
import { endOfBytes, startOf } from './fields.js';
import { entryPath, join, type Label, pathLabel } from './label.js';

/** Operations that name an entry to be made or removed: they leave the current file as it is. */
const ENTRY_OPERATIONS = new Set(['REMOVE', 'LINK', 'RENAME']);

/** Operations that make a file current to which no path leads. */
const UNNAMED_OPERATIONS = new Set(['PUTPUBFH', 'OPENATTR']);

const NOWHERE = pathLabel('');
const ROOT = pathLabel('/');

export class FileSubjects {
  /** Paths; empty where the call is about no file, or it cannot be read. The same texts again while nothing changes. */
  file = '';
  directory = '';
  /** A number that is mostly the same for calls about the same file, and mostly another for others. */
  number = 0;
  /** The field last found. */
  private start = 0;
  private end = 0;

  constructor(private readonly names: Names) {}

  /** Reads the call last dissected. */
  read({ message, procedure, compound, extent, plan }: Dissection): void {
    this.setFile(NOWHERE);
    if (message.type !== CALL || procedure === null || plan === null) return;
    if (compound !== null) this.readCompound(compound, extent);
    else this.readCall(procedure, extent);
  }

  private readCall({ callSummary: summary, callHandles, nameLesson: lesson }: Procedure, extent: Extent): void {
    const [dir, name] = [lesson?.dir, lesson?.name];
    const dirAt = dir === undefined ? -1 : summary.at(dir.extra);
    const nameAt = name === undefined ? -1 : summary.at(name.extra);
    if (dirAt >= 0) {
      this.findField(dir!.bytes!, dirAt, extent);
      const label = this.label(extent);
      if (nameAt < 0) return this.setListing(label);
      this.findField(name!.bytes!, nameAt, extent);
      return this.setEntry(label, extent);
    }
    if (nameAt >= 0 && lesson!.hasPath) {
      this.findField(name!.bytes!, nameAt, extent);
      return this.setFile(pathLabel(this.text(extent)));
    }
    for (const { plan, extra } of callHandles) {
      const at = summary.at(extra);
      if (at < 0) continue;
      this.findField(plan, at, extent);
      return this.setFile(this.label(extent));
    }
  }

  private readCompound({ operations, main }: Compound, extent: Extent): void {
    let [current, saved] = [NOWHERE, NOWHERE];
    for (let index = 0; index <= main; index++) {
      const operation = operations[index];
      const { name } = operation;
      if (name === 'PUTROOTFH') current = ROOT;
      else if (name === 'SAVEFH') saved = current;
      else if (name === 'RESTOREFH') current = saved;
      else if (name === 'LOOKUPP') current = pathLabel(current.directory);
      else {
        const isFound = this.findArgument(operation, extent);
        if (index === main) return this.setMain(name, name === 'RENAME' ? saved : current, isFound, extent);
        if (UNNAMED_OPERATIONS.has(name)) current = NOWHERE;
        else if (isFound) current = this.next(name, current, extent);
      }
    }
    this.setFile(current);
  }

  /** @param isFound The operation has a handle, or a name. */
  private setMain(name: string, current: Label, isFound: boolean, extent: Extent): void {
    if (name === 'PUTFH') this.setFile(isFound ? this.label(extent) : NOWHERE);
    else if (isFound) this.setEntry(current, extent);
    else if (name === 'READDIR') this.setListing(current);
    else this.setFile(current);
  }

  private next(name: string, current: Label, extent: Extent): Label {
    if (name === 'PUTFH') return this.label(extent);
    return ENTRY_OPERATIONS.has(name) ? current : pathLabel(join(current.text, this.text(extent)));
  }

  /** Finds the handle, or the first name, of an operation. */
  private findArgument({ plan, name, at }: Operation, extent: Extent): boolean {
    if (plan === null) return false;
    const fields = argumentFields.of(plan, name);
    fields.find(extent, at);
    for (let i = 0; i < fields.plans.length; i++) {
      if (fields.at(i) < 0) continue;
      this.findField(fields.plans[i], fields.at(i), extent);
      return true;
    }
    return false;
  }

  private findField(plan: OpaquePlan | StringPlan, at: number, { bytes }: Extent): void {
    this.start = startOf(plan, at);
    this.end = endOfBytes(plan, bytes, at);
  }

  private label({ bytes }: Extent): Label {
    return this.names.labelOf(bytes, this.start, this.end);
  }

  private text({ bytes }: Extent): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset + this.start, this.end - this.start).toString();
  }

  /** The call is about the entry of a directory that the field last found names. */
  private setEntry(directory: Label, extent: Extent): void {
    const { text, file } = directory;
    const link = file && this.names.linkOf(file, extent.bytes, this.start, this.end);
    this.directory = text;
    this.file = link === null ? join(text, this.text(extent)) : entryPath(link, text);
    this.number = link === null ? 0 : link.child.id;
  }

  private setListing({ text, file }: Label): void {
    this.directory = text;
    this.file = text;
    this.number = file === null ? 0 : file.id;
  }

  private setFile({ text, directory, file }: Label): void {
    this.file = text;
    this.directory = directory;
    this.number = file === null ? 0 : file.id;
  }
}
