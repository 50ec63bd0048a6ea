/**
 * The layout plan: what a decoder needs of a type, and nothing else. Typedefs are gone, linked lists are lists, hints are
 * attributes and nodes. Every product (tree, value, JSON, extract) walks this one plan, interpreted or compiled, so they agree.
 */
import { padded, read32 } from './bytes.js';
import type { Template } from './template.js';

/** How a number is written in text; JSON keeps the number. */
export type Display =
  | { kind: 'hex' | 'octal' | 'time' | 'duration' | 'address' | 'port' | 'size' | 'load' | 'protocol' | 'program' }
  | { kind: 'enum'; names: ReadonlyMap<number, string> }
  /** `names` without the words that all members begin with. */
  | { kind: 'flags'; names: ReadonlyMap<number, string> };

/** A struct of two numbers that is one time or duration: seconds, and a fraction in `perSecond` parts. */
export interface TimeDisplay {
  kind: 'time' | 'duration';
  perSecond: 1_000_000_000 | 1_000_000;
}

/**
 * How a value differs in another recording of the same traffic (hint `varies`). With `name` '' it may be any (clocks,
 * counters, free space). Otherwise it is another name for the same thing, mapped one for one among all fields that say
 * this `name`; `isLocal`: only within one file or directory.
 */
export interface Variation {
  name: string;
  isLocal: boolean;
}

/** Marks the program's status word. `names` is there where the number's own type has none. */
export interface StatusMark {
  success: ReadonlySet<number>;
  names?: ReadonlyMap<number, string>;
  /** errno-style: a negative value is a failure, and this field of the same struct says which one. */
  error?: string;
}

export interface VoidPlan {
  kind: 'void';
}

export interface NumberPlan {
  kind: 'int' | 'unsigned' | 'hyper' | 'unsignedHyper' | 'float' | 'double' | 'quadruple';
  /** The type's name in the source. */
  spelling: string;
  display?: Display;
  /** Names something: JSON has it as a string. */
  identifier?: boolean;
  /** The number of a user or group. */
  user?: boolean;
  status?: StatusMark;
  /** This value means that there is none: text writes nothing. */
  unset?: bigint;
  varies?: Variation;
}

export interface BoolPlan {
  kind: 'bool';
  spelling: string;
}

export interface EnumPlan {
  kind: 'enum';
  name: string;
  names: ReadonlyMap<number, string>;
  status?: StatusMark;
}

export interface StringPlan {
  kind: 'string';
  /** Declared bound in bytes. */
  max: number;
  role?: 'filename' | 'path';
  /** A universal address (RFC 5665), written as address and port in text. */
  display?: { kind: 'address' };
  /** In a dictionary: no length precedes it, so only the tree knows where it ends. */
  bare?: true;
  /** This length means that there is no value: text writes nothing. */
  unset?: 0n;
  /** Its last byte is a NUL, which is no part of the text (hint `terminated`). */
  isTerminated?: true;
  varies?: Variation;
}

export interface OpaquePlan {
  kind: 'opaque';
  /** Fixed length, or -1 when a length precedes the bytes. */
  length: number;
  max: number;
  role?: 'handle' | 'data' | 'filename';
  display?: { kind: 'address' | 'port' | 'hex' | 'text' | 'sockaddr' | 'mechanism' };
  varies?: Variation;
}

export interface ArrayPlan {
  kind: 'array';
  element: Plan;
  /** Fixed count, or -1 when a count precedes the elements. */
  length: number;
  max: number;
  /** The elements are the components of a path: text joins them. */
  role?: 'path';
}

export interface OptionalPlan {
  kind: 'optional';
  element: Plan;
}

/**
 * A chain of optional-data (RFC 4506 §4.19) as the sequence that it
 * is: the boolean behind each element says whether one more follows.
 */
export interface ListPlan {
  kind: 'list';
  /** The element's struct without its last member. */
  element: StructPlan;
  /** True where no boolean stands before the first element, because the type is used by value. */
  leading: boolean;
}

export interface FieldPlan {
  name: string;
  plan: Plan;
  /** In a struct: a later release added this field, so what is read may end before it (hint `later`). */
  isLater?: true;
  /** In the result of an operation: it is written even where the operation is only named (hint `notice`). */
  isNotice?: true;
}

export interface StructPlan {
  kind: 'struct';
  name: string;
  fields: FieldPlan[];
  text?: Template;
  display?: TimeDisplay | { kind: 'stateid' };
  /** This value of the first field means that there is none: text writes nothing. */
  unset?: bigint;
  /** The name of the bytes that follow a body of this type: contents of a file, without length or padding. */
  payload?: string;
  varies?: Variation;
  saved?: SavedText;
}

/** What the arguments of an operation say about the saved subject: a text that stands before the operation's own, or after it. */
export interface SavedText {
  isBefore: boolean;
  text: Template;
}

export interface UnionPlan {
  kind: 'union';
  name: string;
  discriminant: FieldPlan;
  /** By discriminant value, as its type says (signed or unsigned); null is void. */
  arms: Map<number, FieldPlan | null>;
  /** undefined: a value without an arm is an error. */
  otherwise: FieldPlan | null | undefined;
  text?: Template;
  /**
   * True for the element of an array of operations. Where the discriminant
   * has no arm, all that follows in the array is unknown too.
   */
  isOperation?: boolean;
}

/** A number, a sibling field, or a field of the call's arguments. */
export type Operand = { kind: 'number'; value: number } | { kind: 'sibling' | 'call'; path: string };

/** An opaque that holds the arguments or the result of another program's procedure. */
export interface BodyPlan {
  kind: 'body';
  max: number;
  direction: 'call' | 'reply';
  program: Operand;
  version: Operand;
  procedure: Operand;
}

/** An opaque that holds a value of an XDR type. */
export interface TypedPlan {
  kind: 'typed';
  element: Plan;
  max: number;
}

/**
 * A dictionary as GlusterFS writes it, which is no XDR: a count, then for each pair the lengths of key and value, the key with a NUL
 * behind it, and the value, all without padding. No bytes hold no pairs. The pairs are structs of two bare strings.
 */
export interface DictionaryPlan {
  kind: 'dictionary';
  element: StructPlan;
}

/** A set of numbered bits, as a counted array of words with bit 0 in the first one's lowest place (NFSv4's bitmap4). */
export interface BitmapPlan {
  kind: 'bitmap';
  max: number;
  names: ReadonlyMap<number, string>;
  /** The names without the words that all begin with. */
  shortNames: ReadonlyMap<number, string>;
}

/**
 * An opaque whose type another field chooses: one value, by a number, or one for each bit of a bitmap, in ascending order. `union`
 * is the table of types; its discriminant is not on the wire.
 */
export interface ChosenPlan {
  kind: 'chosen';
  max: number;
  union: UnionPlan;
  /** The name of the choosing field, in the struct around or further out, the nearest first. */
  by: string;
}

/**
 * All bytes up to the end of what is being read, of an unknown kind: a
 * body with the hint `unknown`, or what follows a bit without a type.
 */
export interface RestPlan {
  kind: 'rest';
}

export type Plan =
  | VoidPlan
  | NumberPlan
  | BoolPlan
  | EnumPlan
  | StringPlan
  | OpaquePlan
  | ArrayPlan
  | OptionalPlan
  | ListPlan
  | StructPlan
  | UnionPlan
  | BodyPlan
  | TypedPlan
  | BitmapPlan
  | DictionaryPlan
  | ChosenPlan
  | RestPlan;

/** Procedures by number; a plan may be built when it is first asked for. */
export interface ProcedureTable {
  get(number: number): ProcedurePlan | undefined;
  has(number: number): boolean;
  keys(): MapIterator<number>;
}

/** What a program's version offers, ready to decode. */
export interface ProgramPlan {
  /** The short name: `NFS`. */
  name: string;
  title: string;
  number: number;
  version: number;
  procedures: ProcedureTable;
}

/** A procedure whose arguments and results are arrays of operations. Names are without the prefix. */
export interface OperationsPlan {
  /** The arrays' fields in the arguments and in the result. */
  call: string;
  reply: string;
  /** Taken off the operations' names. */
  prefix: string;
  /** Operations that matter less than all others, the weightiest of them first. */
  minor: string[];
  /** The operation that says what those behind it are done on; '' when none does. */
  subject: string;
  /** The operations that save the current subject, and make the saved one current again; '' when there are none. */
  save: string;
  restore: string;
}

export interface ProcedurePlan {
  name: string;
  number: number;
  arguments: Plan;
  result: Plan;
  /** Summaries; null where no hint gives one. */
  call: Template | null;
  reply: Template | null;
  operations: OperationsPlan | null;
  /** What a successful reply teaches, as hints say it: which name is which file, which program is where. */
  lessons: LessonPlan[];
  /** Its definition lets a server stay silent: a call without a reply is no fault. */
  isSilent: boolean;
}

/**
 * What a successful reply teaches, by one hint: its verb (`link`, `announce`, …) and its words, mostly paths; those of
 * fields of the arguments open with `call.`.
 */
export interface LessonPlan {
  verb: string;
  words: string[];
}

/** Sizes computed so far; without them, structs of structs would be walked again and again. */
const leastSizes = new WeakMap<Plan, number>();

/** Fewest bytes that a value of this plan takes: bounds the counts that a message can claim. */
export function leastSize(plan: Plan): number {
  const known = leastSizes.get(plan);
  if (known !== undefined) return known;
  // A recursive type is met again here. It cannot hold itself by value, so an optional or a count lies between.
  leastSizes.set(plan, 0);
  const size = Math.min(leastSizeOf(plan), MAX_LEAST_SIZE);
  leastSizes.set(plan, size);
  return size;
}

/** More than any message has: greater sizes need not be told apart. */
const MAX_LEAST_SIZE = 0x7fffffff;

function leastSizeOf(plan: Plan): number {
  switch (plan.kind) {
    case 'void':
    case 'rest':
    case 'dictionary':
      return 0;
    case 'hyper':
    case 'unsignedHyper':
    case 'double':
      return 8;
    case 'quadruple':
      return 16;
    case 'opaque':
      return plan.length < 0 ? 4 : padded(plan.length);
    case 'array':
      return plan.length < 0 ? 4 : plan.length * leastSize(plan.element);
    case 'struct':
      return requiredFields(plan).reduce((sum, field) => sum + leastSize(field.plan), 0);
    case 'list':
      return plan.leading ? leastSize(plan.element) + 4 : 4;
    default:
      return 4;
  }
}

/** The fields that every release sends. */
function requiredFields({ fields }: StructPlan): FieldPlan[] {
  const added = fields.findIndex((field) => field.isLater);
  return added < 0 ? fields : fields.slice(0, added);
}

/** The fields of a struct, of a union with all of its arms, or of what another field chooses. */
export function membersOf(plan: Plan): FieldPlan[] {
  if (plan.kind === 'struct') return plan.fields;
  if (plan.kind === 'union') return [plan.discriminant, ...armsOf(plan)];
  return plan.kind === 'chosen' ? armsOf(plan.union) : [];
}

export function armsOf(plan: UnionPlan): FieldPlan[] {
  return [...plan.arms.values(), plan.otherwise].filter((arm) => arm !== null && arm !== undefined);
}

/** Contents of a file (hint `data`). */
export function isData(plan: Plan): plan is OpaquePlan {
  return plan.kind === 'opaque' && plan.role === 'data';
}

/** Contents of a file, if they are there. */
export function holdsData(plan: Plan): boolean {
  return plan.kind === 'optional' ? holdsData(plan.element) : isData(plan);
}

/** What follows a body of a type with the hint `payload`. */
export const PAYLOAD: OpaquePlan = { kind: 'opaque', length: -1, max: 0xffffffff, role: 'data' };

/** `membersOf` a type, and what follows a body of it. */
export function membersOfBody(plan: Plan): FieldPlan[] {
  const members = membersOf(plan);
  const payload = plan.kind === 'struct' ? plan.payload : undefined;
  return payload === undefined ? members : [...members, { name: payload, plan: PAYLOAD }];
}

/** The name with as many `_` behind it as it takes to differ from all fields: an object has each key once. */
export function freeName(name: string, fields: readonly { name?: string }[]): string {
  let free = name;
  while (fields.some((field) => field.name === free)) free += '_';
  return free;
}

/** Where the text of a string ends that lies in `bytes[start..end)`. */
export function endOfText(plan: StringPlan, bytes: Uint8Array, start: number, end: number): number {
  return plan.isTerminated && end > start && bytes[end - 1] === 0 ? end - 1 : end;
}

/** An enum's value in text: its name, or its decimal digits when the enum does not have it. */
export function enumText(plan: EnumPlan, value: number): string {
  return plan.names.get(value) ?? String(value);
}

/** The bits that are set in a bitmap of `count` words at `bytes[at]`, ascending. */
export function setBits(bytes: Uint8Array, at: number, count: number): number[] {
  const bits: number[] = [];
  for (let word = 0; word < count; word++) {
    for (let left = read32(bytes, at + 4 * word); left !== 0; left &= left - 1) bits.push(lowestBit(word, left));
  }
  return bits;
}

/** The number of the lowest bit that is set in `left`, what is left of a word of a bitmap. */
export function lowestBit(word: number, left: number): number {
  return 32 * word + 31 - Math.clz32(left & -left);
}

/** The names of the bits that are set in a bitmap's words; a bit without a name gives its number. */
export function bitNames(plan: BitmapPlan, words: Uint8Array): string[] {
  return setBits(words, 0, words.length >> 2).map((bit) => plan.names.get(bit) ?? String(bit));
}
