/**
 * What the operations of an NFSv4 compound teach of file names. They work on a current file handle, which one operation leaves to the
 * next, and a saved one (RFC 7530 §15.2, RFC 8881 §2.10.1.2, §16.2.3); only GETFH tells its bytes. Names and handles of the call are
 * remembered as steps; the reply, which says how many of them were done, walks them.
 */
import type { Compound, Operation } from '../operations.js';
import type { Extent } from '../summary.js';
import { byteText, endOfBytes, startOf } from './fields.js';
import type { File, FileNames } from './file-names.js';
import { FieldsByPlan } from './operation-fields.js';
import { listingOf } from './operation-listing.js';

/** What an operation does to names once it was done; `operation` is the reply's. */
type Step = (walk: Walk, operation: Operation) => void;

/** The steps of a compound by the index of their operation, in order. */
export type Steps = { index: number; step: Step }[];

/** Current and saved file while steps are walked; `name` in `dir` is how the current one was reached, until GETFH tells its handle. */
class Walk {
  current: File | null = null;
  saved: File | null = null;
  private dir: File | null = null;
  private name = '';

  constructor(
    readonly names: FileNames,
    readonly server: number,
    readonly extent: Extent,
  ) {}

  goTo(file: File | null): void {
    this.current = file;
    this.dir = null;
  }

  goDown(name: string): void {
    this.dir = this.current;
    this.name = name;
    this.current = this.current && this.names.childOf(this.current, name);
  }

  /** The current file has the handle of GETFH: what was known by its name may have been another file. */
  readHandle({ plan, name, at }: Operation): void {
    if (plan === null) return;
    const fields = resultFields.of(plan, name);
    fields.find(this.extent, at);
    if (fields.paths.length === 0 || fields.at(0) < 0) return;
    const { bytes } = this.extent;
    const [start, end] = [startOf(fields.plans[0], fields.at(0)), endOfBytes(fields.plans[0], bytes, fields.at(0))];
    const { names, server, current } = this;
    const file = current ? names.adopt(server, bytes, start, end, current) : names.fileOf(server, bytes, start, end);
    if (file !== current && this.dir !== null) names.link(this.dir, this.name, file);
    this.goTo(file);
  }

  /** Entries of READDIR teach names where the client asked for handles. */
  readEntries({ plan, at }: Operation): void {
    if (plan === null || this.current === null) return;
    listingOf(plan).learn(this.names, this.server, this.extent, at, this.current);
  }
}

/** Where an operation's handle or names stand in its arguments; a claim of OPEN has one of three, or none. */
const ARGUMENTS: Record<string, readonly string[]> = {
  PUTFH: ['object'],
  LOOKUP: ['objname'],
  OPEN: ['claim.file', 'claim.delegate_cur_info.file', 'claim.file_delegate_prev'],
  CREATE: ['objname'],
  REMOVE: ['target'],
  LINK: ['newname'],
  RENAME: ['oldname', 'newname'],
};

const RESULTS: Record<string, readonly string[]> = { GETFH: ['resok4.object'] };

/** Without one of these a compound teaches nothing. */
const TEACHING = new Set(['LOOKUP', 'OPEN', 'CREATE', 'REMOVE', 'LINK', 'RENAME', 'GETFH', 'READDIR']);

/** Handle and names in an operation's arguments. */
export const argumentFields = new FieldsByPlan((_, name) => ARGUMENTS[name] ?? []);
const resultFields = new FieldsByPlan((_, name) => RESULTS[name] ?? []);

/** What an operation does, told its names. */
const STEPS: Record<string, (names: readonly string[]) => Step | null> = {
  PUTROOTFH: () => (walk) => walk.goTo(walk.names.rootOf(walk.server)),
  PUTPUBFH: () => (walk) => walk.goTo(null),
  OPENATTR: () => (walk) => walk.goTo(null),
  LOOKUPP: () => (walk) => walk.goTo(walk.current && walk.names.parentOf(walk.current)),
  SAVEFH: () => (walk) => {
    walk.saved = walk.current;
  },
  RESTOREFH: () => (walk) => walk.goTo(walk.saved),
  GETFH: () => (walk, operation) => walk.readHandle(operation),
  READDIR: () => (walk, operation) => walk.readEntries(operation),
  LOOKUP:
    ([name]) =>
    (walk) =>
      walk.goDown(name),
  // Claims without a name open the current file itself.
  OPEN: ([name]) => (name === undefined ? null : (walk) => walk.goDown(name)),
  CREATE:
    ([name]) =>
    (walk) => {
      if (walk.current !== null) walk.names.unlink(walk.current, name);
      walk.goDown(name);
    },
  REMOVE:
    ([name]) =>
    (walk) => {
      if (walk.current !== null) walk.names.unlink(walk.current, name);
    },
  LINK:
    ([name]) =>
    (walk) => {
      if (walk.current !== null && walk.saved !== null) walk.names.link(walk.current, name, walk.saved);
    },
  RENAME:
    ([from, to]) =>
    (walk) => {
      if (walk.current !== null && walk.saved !== null) walk.names.rename(walk.saved, from, walk.current, to);
    },
};

/** The steps of a call; null when nothing can be learnt of it. */
export function rememberSteps(names: FileNames, server: number, extent: Extent, call: Compound): Steps | null {
  if (!call.operations.some(({ name }) => TEACHING.has(name))) return null;
  const steps: Steps = [];
  call.operations.forEach((operation, index) => {
    const step = stepOf(names, server, extent, operation);
    if (step !== null) steps.push({ index, step });
  });
  return steps;
}

/** Walks the steps of the operations that were done; an error ended the last one. */
export function learnSteps(
  names: FileNames,
  server: number,
  extent: Extent,
  reply: Compound,
  isError: boolean,
  steps: Steps,
): void {
  const walk = new Walk(names, server, extent);
  const done = reply.operations.length - (isError ? 1 : 0);
  for (const { index, step } of steps) if (index < done) step(walk, reply.operations[index]);
}

/** What an operation does; null when that is nothing. One whose arguments are cut off leaves an unknown current file. */
function stepOf(names: FileNames, server: number, extent: Extent, operation: Operation): Step | null {
  const { name, plan, at } = operation;
  const paths = ARGUMENTS[name];
  if (plan === null || paths === undefined) return STEPS[name]?.([]) ?? null;
  const fields = argumentFields.of(plan, name);
  fields.find(extent, at);
  const texts: string[] = [];
  for (const [i, field] of fields.plans.entries()) {
    if (fields.at(i) < 0) continue;
    const [start, end] = [startOf(field, fields.at(i)), endOfBytes(field, extent.bytes, fields.at(i))];
    if (name !== 'PUTFH') texts.push(byteText(extent.bytes, start, end));
    else {
      const file = names.fileOf(server, extent.bytes, start, end);
      return (walk) => walk.goTo(file);
    }
  }
  // A claim of OPEN has one of its names, or none.
  if (texts.length < (name === 'OPEN' ? 0 : paths.length)) return (walk) => walk.goTo(null);
  return STEPS[name](texts);
}
