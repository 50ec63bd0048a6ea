/**
 * What the operations of an NFSv4 compound teach of file names. They work on a current file handle, which one operation leaves to the
 * next, and a saved one (RFC 7530 §15.2, RFC 8881 §2.10.1.2, §16.2.3); only GETFH tells its bytes. Names and handles of the call are
 * remembered as steps; the reply, which says how many of them were done, walks them.
 */
import { ByShape, type Operation, type OperationKind, type Shape } from '../operation-shapes.js';
import type { Compound } from '../operations.js';
import type { Extent } from '../summary.js';
import { byteText, endOfBytes, startOf } from './fields.js';
import type { File, FileNames } from './file-names.js';
import { FieldsByPlan, type OperationFields } from './operation-fields.js';
import { listingOf } from './operation-listing.js';

/** What an operation does to names once it was done, told what its call named from `values[at]` on; `operation` is the reply's. */
type Step = (walk: Walk, values: Values, at: number, operation: Operation) => void;

/** Files and names that the operations of a call name. undefined: cut off; null: it has none. */
type Values = (File | string | null | undefined)[];

/** What calls of one shape teach: the steps of their operations, in order. */
interface Lesson {
  steps: LessonStep[];
  values: number;
}

interface LessonStep {
  index: number;
  step: Step;
  /** What it names in its arguments; null for operations that name nothing. */
  fields: OperationFields | null;
  isHandle: boolean;
  isOptional: boolean;
  /** Where its values are, and how many. */
  at: number;
  count: number;
}

/** What a call leaves for its reply. */
export interface Steps {
  lesson: Lesson;
  values: Values;
}

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

const STEPS: Record<string, Step> = {
  PUTFH: (walk, values, at) => walk.goTo(values[at] as File),
  PUTROOTFH: (walk) => walk.goTo(walk.names.rootOf(walk.server)),
  PUTPUBFH: (walk) => walk.goTo(null),
  OPENATTR: (walk) => walk.goTo(null),
  LOOKUPP: (walk) => walk.goTo(walk.current && walk.names.parentOf(walk.current)),
  SAVEFH: (walk) => {
    walk.saved = walk.current;
  },
  RESTOREFH: (walk) => walk.goTo(walk.saved),
  GETFH: (walk, _values, _at, operation) => walk.readHandle(operation),
  READDIR: (walk, _values, _at, operation) => walk.readEntries(operation),
  LOOKUP: (walk, values, at) => walk.goDown(values[at] as string),
  // Claims without a name open the current file itself.
  OPEN: (walk, values, at) => {
    if (values[at] !== null) walk.goDown(values[at] as string);
  },
  CREATE: (walk, values, at) => {
    if (walk.current !== null) walk.names.unlink(walk.current, values[at] as string);
    walk.goDown(values[at] as string);
  },
  REMOVE: (walk, values, at) => {
    if (walk.current !== null) walk.names.unlink(walk.current, values[at] as string);
  },
  LINK: ({ names, current, saved }, values, at) => {
    if (current !== null && saved !== null) names.link(current, values[at] as string, saved);
  },
  RENAME: ({ names, current, saved }, values, at) => {
    if (current === null || saved === null) return;
    names.rename(saved, values[at] as string, current, values[at + 1] as string);
  },
};

/** Lessons by shape; null where there is none to learn. */
const lessons = new ByShape<Lesson | null>();

/** What the reply to a call will need; null when nothing can be learnt of it. */
export function rememberSteps(names: FileNames, server: number, extent: Extent, call: Compound): Steps | null {
  const lesson = lessonOf(call.shape);
  if (lesson === null) return null;
  const values: Values = new Array(lesson.values);
  for (let i = 0; i < lesson.values; i++) values[i] = null;
  for (const step of lesson.steps) if (step.fields !== null) read(step, values, names, server, extent, call);
  return { lesson, values };
}

/** Walks the steps of the operations that were done; an error ended the last one. */
export function learnSteps(
  names: FileNames,
  server: number,
  extent: Extent,
  reply: Compound,
  isError: boolean,
  { lesson, values }: Steps,
): void {
  const { operations } = reply;
  const done = operations.length - (isError ? 1 : 0);
  const walk = new Walk(names, server, extent);
  for (const { index, step, at, count } of lesson.steps) {
    if (index >= done) return;
    // One whose arguments were cut off leaves an unknown current file.
    if (count > 0 && values[at] === undefined) walk.goTo(null);
    else step(walk, values, at, operations[index]);
  }
}

function lessonOf(shape: Shape): Lesson | null {
  let lesson = lessons.get(shape);
  if (lesson === undefined) {
    lesson = makeLesson(shape.kinds());
    lessons.set(shape, lesson);
  }
  return lesson;
}

function makeLesson(kinds: readonly OperationKind[]): Lesson | null {
  if (!kinds.some(({ name }) => TEACHING.has(name))) return null;
  const lesson: Lesson = { steps: [], values: 0 };
  for (const [index, { name, plan }] of kinds.entries()) {
    if (!Object.hasOwn(STEPS, name)) continue;
    const paths = Object.hasOwn(ARGUMENTS, name) ? ARGUMENTS[name] : [];
    const fields = plan !== null && paths.length > 0 ? argumentFields.of(plan, name) : null;
    const count = name === 'OPEN' ? 1 : paths.length;
    const [isHandle, isOptional] = [name === 'PUTFH', name === 'OPEN'];
    lesson.steps.push({ index, step: STEPS[name], fields, isHandle, isOptional, at: lesson.values, count });
    lesson.values += count;
  }
  return lesson;
}

/** Reads the values of one operation: the first is undefined where some are cut off. */
function read(
  { index, fields, isHandle, isOptional, at, count }: LessonStep,
  values: Values,
  names: FileNames,
  server: number,
  extent: Extent,
  call: Compound,
): void {
  const { bytes } = extent;
  fields!.find(extent, call.operations[index].at);
  let found = 0;
  for (let i = 0; i < fields!.plans.length && found < count; i++) {
    const field = fields!.plans[i];
    const offset = fields!.at(i);
    if (offset < 0) continue;
    const [start, end] = [startOf(field, offset), endOfBytes(field, bytes, offset)];
    values[at + found++] = isHandle ? names.fileOf(server, bytes, start, end) : byteText(bytes, start, end);
  }
  if (found < count && !isOptional) values[at] = undefined;
}
