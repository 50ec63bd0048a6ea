/**
 * Parses regular expressions: literals, `.`, classes, groups, `|`, `*` `+` `?` `{m,n}` (also with a lazy `?`,
 * which makes no difference to whether there is a match), anchors and `\b`. Back references and look-around
 * are refused, because an automaton cannot match them. Case is ignored, as in Wireshark's `matches`.
 */

/** Code points from `low` to `high`. */
export type Range = readonly [low: number, high: number];

export type Pattern =
  | { kind: 'characters'; ranges: readonly Range[]; negated: boolean }
  | { kind: 'sequence' | 'choice'; parts: Pattern[] }
  | { kind: 'repeat'; part: Pattern; least: number; most: number }
  | { kind: 'assertion'; at: 'start' | 'end' | 'boundary' | 'inside' };

/** A pattern that cannot be used; `message` says why. */
export class PatternError extends Error {}

const DIGITS: Range[] = [[0x30, 0x39]];
const WORDS: Range[] = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
const SPACES: Range[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
];
const CLASSES: Record<string, Range[]> = { d: DIGITS, w: WORDS, s: SPACES };
/** The classes of POSIX (`[[:alpha:]]`): each two characters are a range. */
const POSIX: ReadonlyMap<string, string> = new Map([
  ['alnum', '09AZaz'],
  ['alpha', 'AZaz'],
  ['ascii', '\0\x7f'],
  ['blank', '\t\t  '],
  ['cntrl', '\0\x1f\x7f\x7f'],
  ['digit', '09'],
  ['graph', '!~'],
  ['lower', 'az'],
  ['print', ' ~'],
  ['punct', '!/:@[`{~'],
  ['space', '\t\r  '],
  ['upper', 'AZ'],
  ['word', '09AZ__az'],
  ['xdigit', '09AFaf'],
]);
const CONTROLS: Record<string, number> = { n: 10, t: 9, r: 13, f: 12, v: 11, a: 7, e: 27 };
const MAX_REPEAT = 1000;
const MAX_GROUPS = 100;

/** @throws PatternError */
export function parsePattern(text: string): Pattern {
  const parser = new PatternParser([...text]);
  return parser.whole();
}

class PatternParser {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: readonly string[]) {}

  whole(): Pattern {
    const pattern = this.choice();
    if (this.at < this.text.length) throw new PatternError("a ')' without its '('");
    return pattern;
  }

  private choice(): Pattern {
    if (++this.depth > MAX_GROUPS) throw new PatternError(`groups nest at most ${MAX_GROUPS} deep`);
    const parts = [this.sequence()];
    while (this.accept('|')) parts.push(this.sequence());
    this.depth--;
    return parts.length === 1 ? parts[0] : { kind: 'choice', parts };
  }

  private sequence(): Pattern {
    const parts: Pattern[] = [];
    while (this.at < this.text.length && this.text[this.at] !== '|' && this.text[this.at] !== ')') {
      parts.push(this.repeated());
    }
    return { kind: 'sequence', parts };
  }

  private repeated(): Pattern {
    const part = this.atom();
    const count = this.count();
    if (count === null) return part;
    this.accept('?');
    if (this.count() !== null) throw new PatternError('a repetition of a repetition');
    return { kind: 'repeat', part, least: count[0], most: count[1] };
  }

  private count(): [least: number, most: number] | null {
    if (this.accept('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.accept('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.accept('?')) return [0, 1];
    const found = this.take(/^\{(\d{1,9})(,(\d{1,9})?)?\}/);
    if (found === null) return null;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === undefined ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (least > MAX_REPEAT || (most > MAX_REPEAT && most !== Number.POSITIVE_INFINITY)) {
      throw new PatternError(`repetitions go up to ${MAX_REPEAT}`);
    }
    if (most < least) throw new PatternError(`'${found[0]}' ends before it begins`);
    return [least, most];
  }

  private atom(): Pattern {
    const character = this.text[this.at++];
    switch (character) {
      case '(':
        return this.group();
      case '[':
        return this.characterClass();
      case '.':
        return { kind: 'characters', ranges: [[10, 10]], negated: true };
      case '^':
        return { kind: 'assertion', at: 'start' };
      case '$':
        return { kind: 'assertion', at: 'end' };
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
        throw new PatternError(`nothing to repeat before '${character}'`);
      default:
        return characters(character.codePointAt(0)!);
    }
  }

  private group(): Pattern {
    if (this.accept('?') && !this.accept(':'))
      throw new PatternError(
        'look-around and named groups are not supported, options only as (?i) or (?-i) before all',
      );
    const inner = this.choice();
    if (!this.accept(')')) throw new PatternError("a '(' without its ')'");
    return inner;
  }

  private escape(): Pattern {
    const character = this.text[this.at++];
    if (character === undefined) throw new PatternError("a '\\' at the end");
    if (character === 'b') return { kind: 'assertion', at: 'boundary' };
    if (character === 'B') return { kind: 'assertion', at: 'inside' };
    const ranges = CLASSES[character.toLowerCase()];
    if (ranges !== undefined) return { kind: 'characters', ranges, negated: character !== character.toLowerCase() };
    return characters(this.escapedCode(character));
  }

  private escapedCode(character: string): number {
    if (/[1-9]/.test(character)) throw new PatternError('back references are not supported');
    const digits = character === 'x' ? 2 : character === 'u' ? 4 : 0;
    if (digits > 0) {
      const code = this.text.slice(this.at, this.at + digits).join('');
      if (code.length < digits || /[^0-9a-f]/i.test(code))
        throw new PatternError(`'\\${character}' needs ${digits} hex digits`);
      this.at += digits;
      return Number.parseInt(code, 16);
    }
    if (character === '0') return Number.parseInt(`0${this.take(/^[0-7]{1,2}/)?.[0] ?? ''}`, 8);
    if (Object.hasOwn(CONTROLS, character)) return CONTROLS[character];
    if (/[A-Za-z]/.test(character)) throw new PatternError(`'\\${character}' is not supported`);
    return character.codePointAt(0)!;
  }

  private characterClass(): Pattern {
    if (this.take(/^:\w+:\]/) !== null) throw new PatternError("a class of POSIX stands within another: '[[:alpha:]]'");
    const negated = this.accept('^');
    const ranges: Range[] = [];
    for (let isFirst = true; isFirst || this.text[this.at] !== ']'; isFirst = false) {
      const low = this.member();
      if (typeof low !== 'number') {
        ranges.push(...low);
        continue;
      }
      const isRange = this.text[this.at] === '-' && this.text[this.at + 1] !== ']' && this.at + 1 < this.text.length;
      if (isRange) this.at++;
      const high = isRange ? this.member() : low;
      if (typeof high !== 'number' || high < low) throw new PatternError('a range in a class that is none');
      ranges.push([low, high]);
    }
    this.at++;
    return { kind: 'characters', ranges, negated };
  }

  /** One code point of a class, or the ranges of an escape like `\d`. */
  private member(): number | readonly Range[] {
    const character = this.text[this.at++];
    if (character === undefined) throw new PatternError("a '[' without its ']'");
    const posix = character === '[' ? this.take(/^([:.=])(\^?)([^[\]]*)\1\]/) : null;
    if (posix !== null) return posixClass(posix);
    if (character !== '\\') return character.codePointAt(0)!;
    const escaped = this.text[this.at];
    if (escaped === 'b') {
      this.at++;
      return 8;
    }
    const found = this.escape();
    if (found.kind !== 'characters') throw new PatternError(`'\\${escaped}' has no place in a class`);
    if (found.negated) return complement(found.ranges);
    return found.ranges.length === 1 && found.ranges[0][0] === found.ranges[0][1] ? found.ranges[0][0] : found.ranges;
  }

  /** Reads on over what a pattern of at most 24 characters finds here. */
  private take(pattern: RegExp): RegExpExecArray | null {
    const found = pattern.exec(this.text.slice(this.at, this.at + 24).join(''));
    this.at += found?.[0].length ?? 0;
    return found;
  }

  private accept(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }
}

function characters(code: number): Pattern {
  return { kind: 'characters', ranges: [[code, code]], negated: false };
}

function posixClass([text, kind, negated, name]: RegExpExecArray): readonly Range[] {
  const pairs = kind === ':' ? POSIX.get(name) : undefined;
  if (pairs === undefined) throw new PatternError(`no class '[${text}'; there are ${[...POSIX.keys()].join(', ')}`);
  const ranges = Array.from({ length: pairs.length / 2 }, (_, i): Range => {
    return [pairs.charCodeAt(2 * i), pairs.charCodeAt(2 * i + 1)];
  });
  return negated === '' ? ranges : complement(ranges);
}

/** The code points outside of sorted ranges. */
function complement(ranges: readonly Range[]): Range[] {
  const gaps: Range[] = [];
  let from = 0;
  for (const [low, high] of ranges) {
    if (low > from) gaps.push([from, low - 1]);
    from = high + 1;
  }
  return [...gaps, [from, 0x10ffff]];
}
