/**
 * Splits a filter into tokens. A word is a name or a value without quotes: `args.what.name`, `10.0.0.0/8`,
 * `64KiB`, `aa:bb:cc`. Two dots end a word, so that `1..5` is a range. A bracket is one token with its
 * contents. Strings have C's escapes; with an `r` before the quote they have none, as in Wireshark.
 */
import { FilterError } from './filter-error.js';
import type { Span } from './syntax.js';

export type Token =
  | { kind: 'word' | 'symbol' | 'bracket'; text: string; span: Span }
  | { kind: 'string'; text: string; bytes: Uint8Array; span: Span }
  | { kind: 'end'; text: ''; span: Span };

const WORD = /(?:(?!\.\.)[\w.:/+\-µ])+/y;
const SYMBOL = /\.\.|===|!==|==|!=|~=|>=|<=|&&|\|\||[><!~(){},]/y;
const BRACKET = /\[([^[\]]*)\]/y;
const SPACE = /\s+/y;
const ESCAPE = /\\(x[\da-fA-F]{1,2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[\s\S])/gy;
const SIMPLE_ESCAPES: Record<string, string> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** @throws FilterError at a character that begins no token, or at a string or bracket that does not end. */
export function scan(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const start = at;
    const space = match(SPACE);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    if (text[at] === '"' || (text[at] === 'r' && text[at + 1] === '"')) {
      const { bytes, end } = readString(text, at);
      at = end;
      tokens.push({ kind: 'string', text: Buffer.from(bytes).toString('utf8'), bytes, span: { start, end } });
      continue;
    }
    const [kind, found] = firstMatch(match);
    if (found === null) throw new FilterError(unexpected(text, at), { start, end: start + 1 }, text);
    at += found[0].length;
    tokens.push({ kind, text: kind === 'bracket' ? found[1] : found[0], span: { start, end: at } });
  }
  tokens.push({ kind: 'end', text: '', span: { start: text.length, end: text.length } });
  return tokens;
}

function firstMatch(
  match: (pattern: RegExp) => RegExpExecArray | null,
): ['word' | 'symbol' | 'bracket', RegExpExecArray | null] {
  const word = match(WORD);
  if (word !== null) return ['word', word];
  const symbol = match(SYMBOL);
  return symbol !== null ? ['symbol', symbol] : ['bracket', match(BRACKET)];
}

function unexpected(text: string, at: number): string {
  if (text[at] === '[') return "this '[' has no ']'";
  if (text[at] === "'") return 'strings stand in double quotes';
  if (text[at] === '&') return "there is no '&' here; bits of flags have names, such as 'nfs.mode3.xusr'";
  if (text[at] === '=') return "comparison for equality is '=='";
  return `'${String.fromCodePoint(text.codePointAt(at)!)}' is not expected here`;
}

/** Reads a quoted string; `at` is its quote, or the `r` before it. */
function readString(text: string, at: number): { bytes: Uint8Array; end: number } {
  const isRaw = text[at] === 'r';
  const parts: Uint8Array[] = [];
  for (let i = at + (isRaw ? 2 : 1); i < text.length; ) {
    if (text[i] === '"') return { bytes: new Uint8Array(Buffer.concat(parts)), end: i + 1 };
    const part = text[i] === '\\' ? readEscape(text, i, isRaw) : plainPart(text, i);
    parts.push(part.bytes);
    i += part.length;
  }
  throw new FilterError('unterminated string', { start: at, end: at + 1 }, text);
}

function plainPart(text: string, at: number): { bytes: Uint8Array; length: number } {
  let end = at;
  while (end < text.length && text[end] !== '"' && text[end] !== '\\') end++;
  return { bytes: Buffer.from(text.slice(at, end), 'utf8'), length: end - at };
}

/** An escape that C does not have keeps its backslash, because it is one of a regular expression. */
function readEscape(text: string, at: number, isRaw: boolean): { bytes: Uint8Array; length: number } {
  ESCAPE.lastIndex = at;
  const found = ESCAPE.exec(text);
  if (found === null) return { bytes: Buffer.from('\\'), length: 1 };
  const [whole, body] = found;
  if (isRaw) return { bytes: Buffer.from(text.slice(at, at + 2), 'utf8'), length: 2 };
  if (/^x[\da-f]/i.test(body))
    return { bytes: Buffer.from([Number.parseInt(body.slice(1), 16)]), length: whole.length };
  if (/^[0-7]/.test(body)) return { bytes: Buffer.from([Number.parseInt(body, 8) & 0xff]), length: whole.length };
  if (/^[uU][\da-f]{4}/i.test(body)) {
    const code = Number.parseInt(body.slice(1), 16);
    return { bytes: Buffer.from(code > 0x10ffff ? whole : String.fromCodePoint(code), 'utf8'), length: whole.length };
  }
  return { bytes: Buffer.from(SIMPLE_ESCAPES[body] ?? whole, 'utf8'), length: whole.length };
}
