/**
 * Files of rules (docs/check.md): YAML with the list `rules`, and `allow_empty` and `frames`, which
 * hold for all of them. Each mistake is reported with line and column: those of the YAML, or else those
 * of all rules. Values are taken as they are written: `100003` and `NFS` are both words to a rule.
 */
import { readFileSync, statSync } from 'node:fs';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { RULE_KINDS } from '../../analysis/check/index.js';
import { type Entry, RuleError, type RuleSource, type RuleText, type Value } from '../../analysis/check/rule.js';
import { MAX_POINTED_FRAMES, MAX_RULE_FILE, MAX_RULES, POINTED_FRAMES } from '../../limits/analysis.js';
import { suggest } from '../../xdr/suggestion.js';
import { UsageError } from '../exit.js';

/** The contents of a file of rules. */
export interface RuleFile {
  rules: RuleText[];
  allowsEmpty: boolean;
  /** Number of frames that a failed rule points at. */
  frames: number;
  sourceOf: SourceOf;
  /** Mistakes in rules; these rules are not among `rules`. */
  errors: RuleError[];
}

type SourceOf = (at: number) => RuleSource;

/** The value of a key, and the offset of the key. */
interface KeyValue {
  at: number;
  node: Node | null;
}

const KEYS = ['rules', 'allow_empty', 'frames'];

/** @throws UsageError when the file cannot be read, or is not a file of rules. */
export function readRuleFile(file: string): RuleFile {
  return parseRuleFile(file, readText(file));
}

function readText(file: string): string {
  try {
    if (statSync(file).size > MAX_RULE_FILE) throw new UsageError(`${file}: too large for a file of rules`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${file}: ${code === 'ENOENT' ? 'no such file of rules' : `cannot be read (${code})`}`);
  }
}

/** @throws UsageError */
export function parseRuleFile(file: string, text: string): RuleFile {
  const lines = new LineCounter();
  const sourceOf = (at: number): RuleSource => {
    const { line, col } = lines.linePos(at);
    return { file, line, column: col };
  };
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings].map(
    (error) => new RuleError(explain(error, text), error.pos[0]),
  );
  // Further errors on the same line are consequences of the first.
  const lineOf = ({ at }: RuleError) => sourceOf(at).line;
  const first = faults.filter((each, i) => faults.findIndex((other) => lineOf(other) === lineOf(each)) === i);
  if (first.length > 0) throw usageError(first, sourceOf);
  try {
    return { ...contentsOf(document.contents, sourceOf), sourceOf };
  } catch (error) {
    if (error instanceof RuleError) throw usageError([error], sourceOf);
    throw error;
  }
}

/** All mistakes in a file, a line each, in the order of the file. */
export function usageError(errors: readonly RuleError[], sourceOf: SourceOf): UsageError {
  const ordered = errors.toSorted((a, b) => a.at - b.at);
  return new UsageError(ordered.map((error) => `${positionText(sourceOf(error.at))}: ${error.message}`).join('\n'));
}

/** `rpcdump.yaml:4:10`. */
function positionText({ file, line, column }: RuleSource): string {
  return `${file}:${line}:${column}`;
}

/** The parser's message; the usual cause is a comparison or `!` without quotes. */
function explain({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a file of rules is one YAML document';
  // The parser recurses, and reports that the stack was exhausted.
  if (code === 'RESOURCE_EXHAUSTION') return 'brackets nest too deep';
  const line = text.slice(text.lastIndexOf('\n', pos[0]) + 1).split('\n', 1)[0];
  const isUnquoted = /[:-]\s+[>!|&*%@`[{]/.test(line) || /:\s.*:\s/.test(line);
  return `${message[0].toLowerCase()}${message.slice(1)}${isUnquoted ? "; a filter with such a sign stands in quotes: '…'" : ''}`;
}

function contentsOf(contents: ParsedNode | null, sourceOf: SourceOf): Omit<RuleFile, 'sourceOf'> {
  if (contents === null) throw new RuleError("the file is empty; it needs 'rules', a list", 0);
  const keys = entriesOf(contents, "a file of rules has 'rules', a list");
  for (const [key, { at }] of keys) {
    if (KEYS.includes(key)) continue;
    const isRule = RULE_KINDS.has(key) ? "; rules stand in the list 'rules'" : '';
    throw new RuleError(`no '${key}' here${isRule || suggest(key, KEYS) || `; there are ${KEYS.join(', ')}`}`, at);
  }
  const allowsEmpty = optionOf(keys.get('allow_empty'), 'allow_empty', /^(true|false)$/, 'true or false') === 'true';
  const frames = Number(optionOf(keys.get('frames'), 'frames', /^\d{1,4}$/, 'a number of frames') ?? POINTED_FRAMES);
  if (frames > MAX_POINTED_FRAMES)
    throw new RuleError(`'frames' is at most ${MAX_POINTED_FRAMES}`, keys.get('frames')!.at);
  const errors: RuleError[] = [];
  const rules = itemsOf(keys.get('rules'), startOf(contents)).flatMap((item) =>
    collectError(() => ruleOf(item, sourceOf), errors),
  );
  return { rules, allowsEmpty, frames, errors };
}

/** The result of `make`; nothing, and one error more, if it throws a RuleError. */
export function collectError<T>(make: () => T, errors: RuleError[]): T[] {
  try {
    return [make()];
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    errors.push(error);
    return [];
  }
}

function itemsOf(found: KeyValue | undefined, at: number): Node[] {
  if (found === undefined) throw new RuleError("there is no 'rules' in this file", at);
  if (!isSeq(found.node)) throw new RuleError("'rules' is a list: each begins with '- '", found.at);
  const { items } = found.node;
  if (items.length === 0) throw new RuleError("'rules' is empty", found.at);
  if (items.length > MAX_RULES) throw new RuleError(`a file has at most ${MAX_RULES} rules`, found.at);
  return items as Node[];
}

/** `- answered` is short for `- answered: true`. */
function ruleOf(node: Node, sourceOf: SourceOf): RuleText {
  const at = startOf(node);
  const source = sourceOf(at);
  if (isScalar(node)) {
    const { text } = scalar(node);
    const takes = RULE_KINDS.get(text)?.takes;
    if (takes !== undefined && takes !== 'true') throw new RuleError(`'${text}' needs a value: '${text}: …'`, at);
    return { at, source, entries: new Map([[text, { at, values: [{ text: 'true', at }] }]]) };
  }
  const entries = new Map<string, Entry>();
  for (const [key, { at, node: value }] of entriesOf(node, "a rule is 'KIND: VALUE'")) {
    const values = isSeq(value) ? value.items.map((item) => scalar(item as Node)) : [scalar(value, at)];
    entries.set(key, { at, values });
  }
  return { at, source, entries };
}

/** The keys of a mapping with their values. */
function entriesOf(node: Node, expected: string): Map<string, KeyValue> {
  if (!isMap(node)) throw new RuleError(`expected a mapping: ${expected}`, startOf(node));
  const entries = new Map<string, KeyValue>();
  for (const { key, value } of node.items) {
    const { text, at } = scalar(key as Node);
    entries.set(text, { at, node: value as Node | null });
  }
  return entries;
}

function scalar(node: Node | null, at = 0): Value {
  if (node === null) throw new RuleError('a value is missing here', at);
  if (isAlias(node)) throw new RuleError('aliases (*name) are not known here', startOf(node));
  if (!isScalar(node)) throw new RuleError('expected a single value, not a list or a mapping', startOf(node));
  if (node.value === null) throw new RuleError('a value is missing here', startOf(node));
  return { text: typeof node.value === 'string' ? node.value : (node.source ?? String(node.value)), at: startOf(node) };
}

function optionOf(found: KeyValue | undefined, key: string, pattern: RegExp, expected: string): string | undefined {
  if (found === undefined) return undefined;
  const { text, at } = scalar(found.node, found.at);
  if (!pattern.test(text)) throw new RuleError(`'${key}' is ${expected}`, at);
  return text;
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
