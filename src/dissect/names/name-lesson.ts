/**
 * Learns file names from the successful replies of a procedure, by its hints (dissectors/README.md): `link`, `unlink`,
 * `rename`, `root`, `entries`, `listing`, `identity`. Operands that open with `call.` are fields of the arguments, the
 * others of the result; handles and names of the call are remembered until its reply comes.
 */
import type { OpaquePlan, Plan, ProcedurePlan, StringPlan } from '../../xdr/plan.js';
import type { Extent } from '../extent.js';
import { planAt } from '../field-path.js';
import type { Summary } from '../summary.js';
import { bytesField, byteText, endOfBytes, sizeOfIdentity, startOf } from './fields.js';
import { type File, Link } from './file.js';
import type { FileNames } from './file-names.js';
import { Listing } from './listing.js';

/** What the operands of a verb are, in order. A list's other operands are fields of its elements. */
const VERBS: Record<string, readonly Role[]> = {
  root: ['name', 'object'],
  link: ['dir', 'name', 'object'],
  unlink: ['dir', 'name'],
  rename: ['dir', 'name', 'toDir', 'toName'],
  entries: ['dir', 'list', 'entryName', 'entryHandle'],
  listing: ['dir', 'list', 'entryName', 'entryFileid', 'fsid'],
  identity: ['object', 'fsid', 'fileid'],
};

type FileRole = 'dir' | 'toDir' | 'object';
type TextRole = 'name' | 'toName';
type Role = FileRole | TextRole | 'list' | 'entryName' | 'entryHandle' | 'entryFileid' | 'fsid' | 'fileid';

const FILES: readonly FileRole[] = ['dir', 'toDir', 'object'];
const TEXTS: readonly TextRole[] = ['name', 'toName'];
/** What only a result has. */
const OF_REPLY: readonly Role[] = ['list', 'fsid', 'fileid'];

/** The operands that are handles and names. */
export interface Remembered {
  dir: File | null;
  toDir: File | null;
  object: File | null;
  name: string;
  toName: string;
}

/** What a call leaves for its reply; a link where it asks for a name that is known. */
export type CallLesson = Remembered | Link;

/** A field: its place among the paths that the summary of the call or of the reply extracts. */
export interface Operand {
  role: Role;
  plan: Plan;
  /** Where its bytes stand, of handles and names. */
  bytes: OpaquePlan | StringPlan | null;
  extra: number;
}

/** Paths to be extracted from the arguments and from the result. */
export interface LessonPaths {
  call: string[];
  reply: string[];
}

export class NameLesson {
  private readonly ofCall: Operand[] = [];
  private readonly ofReply: Operand[] = [];
  private readonly listing: Listing | undefined;
  /** All operands are there. */
  private readonly isWhole: boolean;
  /** Directory and name that a call gives, and the file of a reply. */
  readonly dir: Operand | undefined;
  readonly name: Operand | undefined;
  private readonly object: Operand | undefined;

  private constructor(
    private readonly verb: string,
    private readonly plan: ProcedurePlan,
    words: readonly string[],
    paths: LessonPaths,
    problem: (message: string) => void,
  ) {
    const roles = VERBS[verb];
    if (words.length !== roles.length) problem(`'${verb}' takes ${roles.length} operands`);
    const found = roles.map((role, i) => {
      return words[i] !== undefined && (role.startsWith('entry') || this.resolve(role, words[i], paths, problem));
    });
    this.dir = bytesOf(this.ofCall, 'dir');
    this.name = bytesOf(this.ofCall, 'name');
    this.object = bytesOf(this.ofReply, 'object');
    this.isWhole = found.every((each) => each);
    if (!this.isWhole) return;
    const fsidSize = sizeOfIdentity(this.operand('fsid')?.plan);
    if (roles.includes('list')) {
      this.listing = Listing.of(this.operand('list')?.plan, words[2], words[3], fsidSize);
      this.isWhole = this.listing !== undefined;
      if (!this.isWhole) problem(`'${words[1]}' is no list with '${words[2]}' and '${words[3]}'`);
    } else if (verb === 'identity' && sizeOfIdentity(this.operand('fileid')?.plan) !== fsidSize) {
      this.isWhole = false;
      problem(`'${words[1]}' and '${words[2]}' are not two numbers of one size`);
    }
  }

  /** The lesson of a procedure, null when it has none or lacks an operand; adds the paths that it needs. */
  static of(plan: ProcedurePlan, paths: LessonPaths, problem: (message: string) => void): NameLesson | null {
    const lesson = plan.lessons.find(({ verb }) => Object.hasOwn(VERBS, verb));
    if (lesson === undefined) return null;
    const made = new NameLesson(lesson.verb, plan, lesson.words, paths, problem);
    return made.isWhole ? made : null;
  }

  /** Reads what the reply will need of a call's arguments; null when they are not all there, or nothing could be learnt. */
  remember(names: FileNames, server: number, extent: Extent, summary: Summary): CallLesson | null {
    if (this.verb === 'identity' && this.isKnown(names, server, extent, summary)) return null;
    const link = this.verb === 'link' ? this.knownLink(names, server, extent, summary) : null;
    if (link !== null) return link;
    const remembered: Remembered = { dir: null, toDir: null, object: null, name: '', toName: '' };
    return this.read(remembered, this.ofCall, names, server, extent, summary) ? remembered : null;
  }

  /** True when the call names its file by a path: a root. */
  get hasPath(): boolean {
    return this.verb === 'root';
  }

  learn(names: FileNames, server: number, extent: Extent, summary: Summary, remembered: CallLesson): void {
    if (remembered instanceof Link) return this.learnAgain(names, server, extent, summary, remembered);
    if (!this.read(remembered, this.ofReply, names, server, extent, summary)) return;
    const { dir, name, object, toDir, toName } = remembered;
    switch (this.verb) {
      case 'root':
        return names.setRoot(object!, withoutSlash(name));
      case 'link':
        return names.link(dir!, name, object!);
      case 'unlink':
        return names.unlink(dir!, name);
      case 'rename':
        return names.rename(dir!, name, toDir!, toName);
      case 'identity':
        return this.identify(names, server, extent, summary, object!);
      default:
        this.listing?.learn(names, server, extent, this.at(summary, 'list'), dir!, this.at(summary, 'fsid'));
    }
  }

  /** Finds an operand's field; false where there is none that the role can use. */
  private resolve(role: Role, word: string, paths: LessonPaths, problem: (message: string) => void): boolean {
    const isCall = word.startsWith('call.');
    const root = isCall ? this.plan.arguments : this.plan.result;
    const path = isCall ? word.slice(5) : word;
    const isBytes = FILES.includes(role as FileRole) || TEXTS.includes(role as TextRole);
    const plan = planAt(root, path);
    const field = isBytes ? bytesField(root, path) : plan && { path, plan };
    const isWrong = (isCall && OF_REPLY.includes(role)) || (role === 'fsid' && sizeOfIdentity(plan) === 0);
    if (field === undefined || isWrong) {
      problem(`'${word}' names no field that '${this.verb}' can use`);
      return false;
    }
    const { plan: found } = field;
    const bytes = isBytes && (found.kind === 'opaque' || found.kind === 'string') ? found : null;
    const extra = (isCall ? paths.call : paths.reply).push(field.path) - 1;
    (isCall ? this.ofCall : this.ofReply).push({ role, plan: found, bytes, extra });
    return true;
  }

  /**
   * True where nothing is to learn: a file with a name needs no
   * other way to it, and one with an identity has it already.
   */
  private isKnown(names: FileNames, server: number, extent: Extent, summary: Summary): boolean {
    const object: Operand | undefined = this.ofCall[0];
    const at = object?.bytes ? summary.at(object.extra) : -1;
    if (at < 0) return true;
    const { bytes } = extent;
    const file = names.find(server, bytes, startOf(object.bytes!, at), endOfBytes(object.bytes!, bytes, at));
    return file !== null && (file.link !== null || names.isIdentified(file));
  }

  /** The link that a call asks for; null when it is not known, or when the file is a field of the call itself. */
  private knownLink(names: FileNames, server: number, extent: Extent, summary: Summary): Link | null {
    const { dir, name } = this;
    if (dir === undefined || name === undefined || this.object === undefined) return null;
    const { bytes } = extent;
    const [dirAt, nameAt] = [summary.at(dir.extra), summary.at(name.extra)];
    if (dirAt < 0 || nameAt < 0) return null;
    const file = names.find(server, bytes, startOf(dir.bytes!, dirAt), endOfBytes(dir.bytes!, bytes, dirAt));
    if (file === null) return null;
    return names.findLink(file, bytes, startOf(name.bytes!, nameAt), endOfBytes(name.bytes!, bytes, nameAt));
  }

  /** A link that was known when the call asked for it; the reply's handle may be another file's. */
  private learnAgain(names: FileNames, server: number, { bytes }: Extent, summary: Summary, link: Link): void {
    const object = this.object!;
    const at = summary.at(object.extra);
    if (at < 0) return;
    const file = names.fileOf(server, bytes, startOf(object.bytes!, at), endOfBytes(object.bytes!, bytes, at));
    if (!names.isNewest(link, file)) names.link(link.parent!, link.name, file);
  }

  /** Adds the files and names among `operands`; false when one is not there. */
  private read(
    to: Remembered,
    operands: readonly Operand[],
    names: FileNames,
    server: number,
    extent: Extent,
    summary: Summary,
  ): boolean {
    for (const { role, bytes: plan, extra } of operands) {
      const at = summary.at(extra);
      if (at < 0) return false;
      if (plan === null) continue;
      const { bytes } = extent;
      const [start, end] = [startOf(plan, at), endOfBytes(plan, bytes, at)];
      if (role === 'name' || role === 'toName') to[role] = byteText(bytes, start, end);
      else to[role as FileRole] = names.fileOf(server, bytes, start, end);
    }
    return true;
  }

  private identify(names: FileNames, server: number, extent: Extent, summary: Summary, file: File): void {
    const size = sizeOfIdentity(this.operand('fileid')?.plan);
    const [fsid, fileid] = [this.at(summary, 'fsid'), this.at(summary, 'fileid')];
    if (fsid >= 0 && fileid >= 0) names.identify(server, { bytes: extent.bytes, fsid, fileid, size }, file);
  }

  /** Offset of an operand in the result; -1 when there is none. */
  private at(summary: Summary, role: Role): number {
    const operand = this.operand(role);
    return operand === undefined ? -1 : summary.at(operand.extra);
  }

  private operand(role: Role): Operand | undefined {
    return this.ofReply.find((operand) => operand.role === role);
  }
}

function bytesOf(operands: readonly Operand[], role: Role): Operand | undefined {
  return operands.find((operand) => operand.role === role && operand.bytes !== null);
}

/** `/export/` is `/export`; the root keeps its slash. */
function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
