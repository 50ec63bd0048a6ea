/**
 * Matches regular expressions with an automaton (Thompson's construction). It follows all
 * states at once, so a match costs states times characters, whatever the pattern and the
 * text. JavaScript's own RegExp backtracks, and a capture could keep it busy for hours.
 */
import { MAX_PATTERN_STATES } from '../limits/filter.js';
import { type Pattern, PatternError, parsePattern, type Range } from './pattern-parser.js';

type State =
  | { kind: 'characters'; ranges: readonly Range[]; negated: boolean }
  | { kind: 'split'; first: number; second: number }
  | { kind: 'assertion'; at: 'start' | 'end' | 'boundary' | 'inside' }
  | { kind: 'match' };

/** Returns whether a pattern occurs in a text. */
export type TextMatcher = (text: string) => boolean;

/** Returns a character's other forms: upper case for lower, and the reverse. */
type Cases = (code: number) => readonly number[];

/**
 * PCRE's option at the beginning of a pattern, as in Wireshark:
 * `(?-i)` respects case, `(?i)` ignores it like no option.
 */
const CASE_OPTION = /^\(\?-?i\)/;
const WITH_CASES = '(?-i)';

/** Compiles a pattern. @throws PatternError if it is wrong, not supported, or too large. */
export function compilePattern(text: string): TextMatcher {
  return compile(text, otherCases);
}

/** The same for bytes: each byte is a character, in the pattern and in the subject, and only ASCII has cases. */
export function compileBytePattern(text: string): TextMatcher {
  return compile(text, asciiCases);
}

function compile(text: string, cases: Cases): TextMatcher {
  const states: State[] = [];
  const [option] = CASE_OPTION.exec(text) ?? [''];
  emit(parsePattern(text.slice(option.length)), states);
  add(states, { kind: 'match' });
  const wanted = option === WITH_CASES ? noCases : cases;
  return (subject) => new Run(states, subject, wanted).matches();
}

function add(states: State[], state: State): number {
  if (states.length >= MAX_PATTERN_STATES) throw new PatternError('it is too large');
  return states.push(state) - 1;
}

/** Appends the states of a pattern. They lead to the state that follows them. */
function emit(pattern: Pattern, states: State[]): void {
  switch (pattern.kind) {
    case 'characters':
    case 'assertion':
      add(states, pattern);
      return;
    case 'sequence':
      for (const part of pattern.parts) emit(part, states);
      return;
    case 'choice':
      emitChoice(pattern.parts, states);
      return;
    case 'repeat':
      emitRepeat(pattern.part, pattern.least, pattern.most, states);
      return;
  }
}

function emitChoice(parts: readonly Pattern[], states: State[]): void {
  const exits: (State & { kind: 'split' })[] = [];
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const split = addSplit(states);
    split.first = split.second = states.length;
    emit(part, states);
    if (isLast) break;
    exits.push(addSplit(states));
    split.second = states.length;
  }
  for (const exit of exits) exit.first = exit.second = states.length;
}

function emitRepeat(part: Pattern, least: number, most: number, states: State[]): void {
  for (let i = 0; i < least; i++) emit(part, states);
  if (most === Number.POSITIVE_INFINITY) {
    const loop = states.length;
    const split = addSplit(states);
    split.first = states.length;
    emit(part, states);
    const back = addSplit(states);
    back.first = back.second = loop;
    split.second = states.length;
    return;
  }
  const splits = Array.from({ length: most - least }, () => {
    const split = addSplit(states);
    split.first = states.length;
    emit(part, states);
    return split;
  });
  for (const split of splits) split.second = states.length;
}

function addSplit(states: State[]): State & { kind: 'split' } {
  const split = { kind: 'split' as const, first: 0, second: 0 };
  add(states, split);
  return split;
}

/** One match: the set of states that are alive before each character. */
class Run {
  private readonly seen: Int32Array;
  private round = 0;
  private found = false;

  constructor(
    private readonly states: readonly State[],
    private readonly text: string,
    private readonly cases: Cases,
  ) {
    this.seen = new Int32Array(states.length);
  }

  matches(): boolean {
    const { text } = this;
    let alive: number[] = [];
    for (let at = 0; ; ) {
      this.round++;
      const next: number[] = [];
      for (const state of alive) this.follow(state, at, next);
      this.follow(0, at, next);
      if (this.found || at >= text.length) return this.found;
      const code = text.codePointAt(at)!;
      alive = next.filter((state) => accepts(this.states[state], code, this.cases)).map((state) => state + 1);
      at += code > 0xffff ? 2 : 1;
    }
  }

  /** Collects the states that wait for a character, from `start` on. */
  private follow(start: number, at: number, waiting: number[]): void {
    const stack = [start];
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      if (this.seen[index] === this.round) continue;
      this.seen[index] = this.round;
      const state = this.states[index];
      if (state.kind === 'match') this.found = true;
      else if (state.kind === 'characters') waiting.push(index);
      else if (state.kind === 'split') stack.push(state.second, state.first);
      else if (this.holds(state.at, at)) stack.push(index + 1);
    }
  }

  private holds(assertion: 'start' | 'end' | 'boundary' | 'inside', at: number): boolean {
    if (assertion === 'start') return at === 0;
    // As in PCRE, a newline may follow, if nothing else does.
    if (assertion === 'end') return at >= this.text.length - (this.text.endsWith('\n') ? 1 : 0);
    return (isWord(this.text[at - 1]) !== isWord(this.text[at])) === (assertion === 'boundary');
  }
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /\w/.test(character);
}

/** A character is in a class when one of its forms is, unless case is respected. */
function accepts(state: State, code: number, cases: Cases): boolean {
  if (state.kind !== 'characters') return false;
  const isIn = inRanges(state.ranges, code) || cases(code).some((other) => inRanges(state.ranges, other));
  return isIn !== state.negated;
}

function inRanges(ranges: readonly Range[], code: number): boolean {
  return ranges.some(([low, high]) => code >= low && code <= high);
}

const NO_CASES: readonly number[] = [];

function noCases(): readonly number[] {
  return NO_CASES;
}

function asciiCases(code: number): readonly number[] {
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return isLetter ? [code ^ 0x20] : NO_CASES;
}

function otherCases(code: number): readonly number[] {
  if (code < 0x80) return asciiCases(code);
  const text = String.fromCodePoint(code);
  // A character whose other case has several characters (ß, ﬁ) matches none of them.
  return [text.toLowerCase(), text.toUpperCase()]
    .filter((form) => [...form].length === 1)
    .map((form) => form.codePointAt(0)!);
}
