/**
 * Checks whether the contents of typed opaques decode (hints `is`, `dictionary`,
 * `is … by …`), while the values around them are stepped over. Contents that do not
 * decode stay bytes. They do not move the value behind the opaque, so stepping goes on.
 */
import { MAX_DEPTH, MAX_KNOWN_BITMAPS } from '../limits/xdr.js';
import { read32, readInt32 } from './bytes.js';
import type { Cell } from './codegen.js';
import { type ChosenPlan, type FieldPlan, type Plan, setBits, type TypedPlan } from './plan.js';

/** State of the functions that step over a value: its bytes are there up to `end`, and it must end by `limit`. */
export interface Steps {
  b: Uint8Array;
  /** The view of `b`. */
  i: DataView;
  end: number;
  limit: number;
  depth: number;
  /** An opaque was passed whose contents are wrong, or were not looked into. */
  hasFault: boolean;
  /** Stepping ended because bytes up to `limit` are not there, not because something is wrong. */
  isCut: boolean;
}

/** Returns where the value at `p` ends; -1 where it is not whole. */
export type Step = (s: Steps, p: number) => number;

export interface Contents {
  /** Checks the value at `p`, whose type the field at `chooser` chooses. */
  isSound(s: Steps, chooser: number, p: number): boolean;
}

/**
 * Looks into the opaque `b[start..stop)`; false where something in it is wrong. `nesting`: the levels of the calling
 * function around it.
 */
export function lookInto(
  s: Steps,
  contents: Contents,
  nesting: number,
  chooser: number,
  start: number,
  stop: number,
): boolean {
  const { end, limit, depth } = s;
  s.end = stop;
  s.limit = stop;
  s.depth = depth + nesting + 1;
  const isSound = s.depth <= MAX_DEPTH && contents.isSound(s, chooser, start);
  s.end = end;
  s.limit = limit;
  s.depth = depth;
  return isSound;
}

/** An opaque of one type, also where it has no bytes. */
export class TypedContents implements Contents {
  private readonly cell: Cell<Step>;

  constructor({ element }: TypedPlan, stepOf: (plan: Plan) => Cell<Step>) {
    this.cell = element.kind === 'dictionary' ? { f: overDictionary } : stepOf(element);
  }

  isSound(s: Steps, _chooser: number, p: number): boolean {
    return this.cell.f(s, p) >= 0;
  }
}

/** The least bytes of a dictionary's pair: two lengths, and the NUL of an empty key. */
export const LEAST_PAIR = 9;

/** Steps over a dictionary (`DictionaryPlan`), which fills the opaque around it. */
function overDictionary({ b, end }: Steps, start: number): number {
  if (start === end) return start;
  if (start + 4 > end) return -1;
  const count = read32(b, start);
  let p = start + 4;
  if (count * LEAST_PAIR > end - p) return -1;
  for (let i = 0; i < count; i++) {
    if (p + 8 > end) return -1;
    p += LEAST_PAIR + read32(b, p) + read32(b, p + 4);
  }
  return p <= end ? p : -1;
}

/** A piece of the contents: `size` bytes that need no check, then a value that does; null where none follows. */
interface Part {
  size: number;
  cell: Cell<Step> | null;
}

/** The words of a chooser, and the parts that they choose. */
interface Seen {
  words: Int32Array;
  parts: readonly Part[];
}

/** Values of a chooser that are kept: clients ask for few sets of attributes in turn. */
const MAX_RECENT = 4;

function isSame(words: Int32Array, bytes: Uint8Array, first: number, count: number): boolean {
  if (count !== words.length) return false;
  for (let i = 0; i < count; i++) if (readInt32(bytes, first + 4 * i) !== words[i]) return false;
  return true;
}

/**
 * An opaque whose type is chosen by a 32-bit integer or a bitmap before it (`chosenPlan`). An empty one has no type.
 */
export class ChosenContents implements Contents {
  /** The parts by choices, and by the chooser's last values: mostly the next value is one of these. */
  private readonly known = new Map<string, readonly Part[]>();
  private readonly recent: Seen[] = [];

  constructor(
    private readonly plan: ChosenPlan,
    private readonly chooser: Plan,
    /** How an arm is stepped over. */
    private readonly stepOf: (arm: FieldPlan) => Cell<Step>,
    /** Bytes of an arm that need not be looked at; -1 where it has to be stepped over. */
    private readonly sizeOf: (arm: FieldPlan) => number,
  ) {}

  isSound(s: Steps, chooser: number, start: number): boolean {
    if (start === s.end) return true;
    // The values that a bitmap chooses are the members of a struct.
    if (this.chooser.kind === 'bitmap' && ++s.depth > MAX_DEPTH) return false;
    let p = start;
    for (const { size, cell } of this.partsAt(s.b, chooser)) {
      p += size;
      if (p > s.end) return false;
      if (cell !== null) p = cell.f(s, p);
      if (p < 0) return false;
    }
    return true;
  }

  private partsAt(bytes: Uint8Array, at: number): readonly Part[] {
    const isBitmap = this.chooser.kind === 'bitmap';
    const first = isBitmap ? at + 4 : at;
    const count = isBitmap ? read32(bytes, at) : 1;
    const { recent } = this;
    for (let i = 0; i < recent.length; i++) if (isSame(recent[i].words, bytes, first, count)) return recent[i].parts;
    const parts = this.partsOf(isBitmap ? setBits(bytes, first, count) : [this.numberAt(bytes, first)]);
    if (recent.length === MAX_RECENT) recent.shift();
    recent.push({ words: Int32Array.from({ length: count }, (_, i) => readInt32(bytes, first + 4 * i)), parts });
    return parts;
  }

  private numberAt(bytes: Uint8Array, at: number): number {
    return this.chooser.kind === 'unsigned' ? read32(bytes, at) : readInt32(bytes, at);
  }

  private partsOf(bits: readonly number[]): readonly Part[] {
    // Behind the first choice without a type, nothing can be told apart.
    const unknown = bits.findIndex((bit) => this.plan.union.arms.get(bit) === undefined);
    const choices = unknown < 0 ? bits : bits.slice(0, unknown);
    const key = choices.join();
    let parts = this.known.get(key);
    if (parts === undefined) {
      parts = this.makeParts(choices);
      if (this.known.size >= MAX_KNOWN_BITMAPS) this.known.clear();
      this.known.set(key, parts);
    }
    return parts;
  }

  private makeParts(choices: readonly number[]): readonly Part[] {
    const parts: Part[] = [];
    let before = 0;
    for (const choice of choices) {
      const arm = this.plan.union.arms.get(choice);
      if (!arm) continue;
      const size = this.sizeOf(arm);
      if (size >= 0) before += size;
      else {
        parts.push({ size: before, cell: this.stepOf(arm) });
        before = 0;
      }
    }
    return before > 0 ? [...parts, { size: before, cell: null }] : parts;
  }
}
