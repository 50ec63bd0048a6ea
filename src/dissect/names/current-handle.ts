/**
 * Learns file names from the operations of NFSv4 compounds. These work on a current file handle, which each operation
 * leaves to the next, and a saved one (RFC 7530 §15.2, RFC 8881 §2.10.1.2, §16.2.3); only GETFH shows the current
 * handle's bytes. Names and handles of a call are remembered as steps. Its reply says how many operations were done,
 * and the steps of these are walked.
 */
import type { Extent } from '../extent.js';
import { ByShape, type Operation, type OperationKind, type Shape } from '../operation-shapes.js';
import type { Compound } from '../operations.js';
import { byteText } from './fields.js';
import type { File, Link } from './file.js';
import type { FileNames } from './file-names.js';
import { FieldsByPlan, type OperationFields } from './operation-fields.js';
import { listingOf } from './operation-listing.js';

/** What an operation does to the current file, or to names, once it was done. */
type Verb =
  | 'take'
  | 'enter'
  | 'open'
  | 'read handle'
  | 'read entries'
  | 'take root'
  | 'lose'
  | 'leave'
  | 'save'
  | 'restore'
  | 'create'
  | 'unlink'
  | 'link'
  | 'rename';

/** A file, or an entry of the directory that is current then: a link where it was known when the call asked for it, else its name. */
type Value = File | Link | string;

/** What the operations of a call name. undefined: cut off; null: it has none. */
type Values = (Value | null | undefined)[];

/** What calls of one shape teach: the steps of their operations, in order. */
interface Lesson {
  steps: LessonStep[];
  values: number;
}

interface LessonStep {
  index: number;
  verb: Verb;
  /** It leaves the current file as it is. */
  stays: boolean;
  /** What it names in its arguments; null for operations that name nothing. */
  fields: OperationFields | null;
  /** Where its values are, and how many. */
  at: number;
  count: number;
}

/** What a call leaves for its reply. */
export interface Steps {
  lesson: Lesson;
  values: Values;
}

/** `Steps` kept to be used again: few calls are open at a time. */
const MAX_SPARE = 64;

/** Where an operation's handle or names stand in its arguments; a claim of OPEN has one of three, or none. */
const ARGUMENTS = new Map<string, readonly string[]>([
  ['PUTFH', ['object']],
  ['LOOKUP', ['objname']],
  ['OPEN', ['claim.file', 'claim.delegate_cur_info.file', 'claim.file_delegate_prev']],
  ['CREATE', ['objname']],
  ['REMOVE', ['target']],
  ['LINK', ['newname']],
  ['RENAME', ['oldname', 'newname']],
]);

const RESULTS = new Map<string, readonly string[]>([['GETFH', ['resok4.object']]]);

/** Without one of these a compound teaches nothing. */
const TEACHING = new Set(['LOOKUP', 'OPEN', 'CREATE', 'REMOVE', 'LINK', 'RENAME', 'GETFH', 'READDIR']);

/** Handle and names in an operation's arguments. */
export const argumentFields = new FieldsByPlan((_, name) => ARGUMENTS.get(name) ?? []);
const resultFields = new FieldsByPlan((_, name) => RESULTS.get(name) ?? []);

const VERBS: Record<string, Verb> = {
  PUTFH: 'take',
  PUTROOTFH: 'take root',
  PUTPUBFH: 'lose',
  OPENATTR: 'lose',
  LOOKUPP: 'leave',
  SAVEFH: 'save',
  RESTOREFH: 'restore',
  GETFH: 'read handle',
  READDIR: 'read entries',
  LOOKUP: 'enter',
  OPEN: 'open',
  CREATE: 'create',
  REMOVE: 'unlink',
  LINK: 'link',
  RENAME: 'rename',
};

/** Those that leave the current file as it is. */
const STAYING: ReadonlySet<Verb> = new Set(['save', 'read handle', 'read entries']);

/** Current and saved file while the steps of a call or of its reply are walked. */
export class HandleWalk {
  private current: File | null = null;
  private saved: File | null = null;
  /** `entry` of `dir` is how the current file was reached, until GETFH tells its handle. */
  private dir: File | null = null;
  private entry: Link | string = '';
  private server = 0;
  private extent!: Extent;
  /** The first `spares` of them count: an array that is emptied would be made anew. */
  private readonly spare: Steps[] = [];
  private spares = 0;

  constructor(private readonly names: FileNames) {}

  /** Returns what the reply to a call will need; null when nothing can be learnt from it. */
  remember(server: number, extent: Extent, call: Compound): Steps | null {
    const lesson = lessonOf(call.shape);
    if (lesson === null) return null;
    const steps = this.spares > 0 ? this.spare[--this.spares] : { lesson, values: [] };
    steps.lesson = lesson;
    this.begin(server, extent);
    for (let i = 0; i < lesson.steps.length; i++) {
      const step = lesson.steps[i];
      if (step.fields !== null) this.read(step, steps.values, call.operations[step.index].at);
      else if (!step.stays) this.current = null;
    }
    return steps;
  }

  /** Walks the steps of the operations that were done; an error ended the last one. */
  learn(server: number, extent: Extent, { operations }: Compound, isError: boolean, steps: Steps): void {
    const { lesson, values } = steps;
    const done = operations.length - (isError ? 1 : 0);
    this.begin(server, extent);
    for (let i = 0; i < lesson.steps.length && lesson.steps[i].index < done; i++) {
      const step = lesson.steps[i];
      // One whose arguments were cut off leaves an unknown current file.
      if (step.count > 0 && values[step.at] === undefined) this.goTo(null);
      else this.walk(step.verb, values, step.at, operations[step.index]);
    }
    if (this.spares < MAX_SPARE) this.spare[this.spares++] = steps;
  }

  private begin(server: number, extent: Extent): void {
    this.server = server;
    this.extent = extent;
    this.saved = null;
    this.goTo(null);
  }

  // Calls

  /** Reads the values of one operation: the first is undefined where some are cut off. */
  private read({ fields, verb, at, count }: LessonStep, values: Values, start: number): void {
    for (let i = 0; i < count; i++) values[at + i] = null;
    fields!.find(this.extent, start);
    let found = 0;
    for (let i = 0; i < fields!.plans.length && found < count; i++) {
      if (fields!.at(i) >= 0) values[at + found++] = this.readValue(fields!, i, verb);
    }
    if (found === count) return;
    if (verb !== 'open') {
      values[at] = undefined;
      this.current = null;
    }
  }

  /** Goes on to the file that a value means, as far as that is known before the reply. */
  private readValue(fields: OperationFields, index: number, verb: Verb): Value {
    const { names, server, current } = this;
    const { bytes } = this.extent;
    const start = fields.startOf(index);
    const end = fields.endOf(index, bytes);
    if (verb === 'take') {
      this.current = names.fileOf(server, bytes, start, end);
      return this.current;
    }
    const isEntered = current !== null && (verb === 'enter' || verb === 'open');
    const link = isEntered ? names.findLink(current, bytes, start, end) : null;
    this.current = link?.child ?? null;
    return link ?? byteText(bytes, start, end);
  }

  // Replies

  private walk(verb: Verb, values: Values, at: number, operation: Operation): void {
    const { names, current, saved } = this;
    switch (verb) {
      case 'take':
        return this.goTo(values[at] as File);
      case 'enter':
        return this.goDown(values[at] as Link | string);
      case 'read handle':
        return this.readHandle(operation);
      case 'open':
        // Claims without a name open the current file itself.
        if (values[at] !== null) this.goDown(values[at] as Link | string);
        return;
      case 'read entries':
        return this.readEntries(operation);
      case 'take root':
        return this.goTo(names.rootOf(this.server));
      case 'lose':
        return this.goTo(null);
      case 'leave':
        return this.goTo(current && names.parentOf(current));
      case 'save':
        this.saved = current;
        return;
      case 'restore':
        return this.goTo(saved);
      case 'create':
        if (current !== null) names.unlink(current, values[at] as string);
        return this.goDown(values[at] as string);
      case 'unlink':
        if (current !== null) names.unlink(current, values[at] as string);
        return;
      case 'link':
        if (current !== null && saved !== null) names.link(current, values[at] as string, saved);
        return;
      case 'rename':
        if (current === null || saved === null) return;
        return names.rename(saved, values[at] as string, current, values[at + 1] as string);
    }
  }

  private goTo(file: File | null): void {
    this.current = file;
    this.dir = null;
  }

  private goDown(entry: Link | string): void {
    this.dir = this.current;
    this.entry = entry;
    this.current = this.current && this.names.enter(this.current, entry);
  }

  /** The current file has the handle of GETFH: what was known by its name may have been another file. */
  private readHandle({ plan, name, at }: Operation): void {
    if (plan === null) return;
    const fields = resultFields.of(plan, name);
    fields.find(this.extent, at);
    if (fields.paths.length === 0 || fields.at(0) < 0) return;
    const { bytes } = this.extent;
    const start = fields.startOf(0);
    const end = fields.endOf(0, bytes);
    const { names, server, current, dir, entry } = this;
    const file = current ? names.adopt(server, bytes, start, end, current) : names.fileOf(server, bytes, start, end);
    if (file !== current) {
      if (dir !== null) names.link(dir, typeof entry === 'string' ? entry : entry.name, file);
      else if (current !== null && current === names.rootOf(server)) names.moveRoot(server, file);
    }
    this.goTo(file);
  }

  /** Entries of READDIR teach names where the client asked for handles. */
  private readEntries({ plan, at }: Operation): void {
    if (plan === null || this.current === null) return;
    listingOf(plan).learn(this.names, this.server, this.extent, at, this.current);
  }
}

/** Lessons by shape; null where there is none to learn. */
const lessons = new ByShape<Lesson | null>();

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
    if (!Object.hasOwn(VERBS, name)) continue;
    const paths = ARGUMENTS.get(name) ?? [];
    const fields = plan !== null && paths.length > 0 ? argumentFields.of(plan, name) : null;
    const count = name === 'OPEN' ? 1 : paths.length;
    const verb = VERBS[name];
    lesson.steps.push({ index, verb, stays: STAYING.has(verb), fields, at: lesson.values, count });
    lesson.values += count;
  }
  return lesson;
}
