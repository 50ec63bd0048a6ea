/**
 * Makes functions that write leaves. Each is made once for a plan and a format,
 * and writes what `writeText` does, without choosing the way each time. Texts that
 * depend on one word of few values (enums, flags, modes) are kept and copied.
 */
import { MAX_WORD_TEXTS } from '../limits/xdr.js';
import type { ByteWriter } from './byte-writer.js';
import { read32, readInt32 } from './bytes.js';
import { crc32 } from './crc32.js';
import { leastSize, type Plan } from './plan.js';
import { PreparedText } from './prepared-text.js';
import { isUnset, type TextContext, writeText } from './text.js';

/**
 * Writes the leaf at `at`, the offset of its length prefix where it has one; `count` is that of an array or list.
 * Writes nothing for a value that means "none" (hint `unset`).
 */
export type LeafWriter = (out: ByteWriter, context: TextContext, at: number, count: number) => void;

/** The writer of a plan's leaf in a format; `name` is the field's own name, for the format `flag`. */
export function leafWriter(plan: Plan, format: string, name: string): LeafWriter {
  const write = writerOf(plan, format, name);
  if (!('unset' in plan) || plan.unset === undefined) return write;
  return (out, context, at, count) => {
    if (!isUnset(plan, context.bytes, at)) write(out, context, at, count);
  };
}

function writerOf(plan: Plan, format: string, name: string): LeafWriter {
  const any: LeafWriter = (out, context, at, count) => writeText(out, context, plan, format, at, count, name);
  if (hasFewWords(plan, format)) return remembering(any);
  if (isPlainNumber(plan, format)) {
    return plan.kind === 'unsigned'
      ? (out, { bytes }, at) => out.integer(read32(bytes, at))
      : (out, { bytes }, at) => out.unsigned64(read32(bytes, at), read32(bytes, at + 4));
  }
  if (isPlainText(plan) && format === '') {
    return (out, { bytes }, at) => out.copy(bytes, at + 4, at + 4 + read32(bytes, at));
  }
  if (plan.kind === 'opaque' && plan.length < 0 && (format === 'handle' || (format === '' && plan.role === 'handle'))) {
    return writeHandle;
  }
  return any;
}

/**
 * True for leaves that are always written as the decimal digits of
 * their word (`read32`), or of both their words (`unsigned64`).
 */
export function isPlainNumber(plan: Plan, format: string): boolean {
  if (plan.kind !== 'unsigned' && plan.kind !== 'unsignedHyper') return false;
  return plan.display === undefined && format === '';
}

/** True for texts that are written as they are, without quotes. */
function isPlainText(plan: Plan): boolean {
  return plan.kind === 'string' && plan.display === undefined && plan.role !== undefined && !plan.isTerminated;
}

function writeHandle(out: ByteWriter, context: TextContext, at: number): void {
  const { bytes } = context;
  if (context.writeHandle?.(out, at + 4, at + 4 + read32(bytes, at))) return;
  out.ascii('0x');
  out.hex32(crc32(bytes, at + 4, at + 4 + read32(bytes, at)));
}

const FEW_VALUES = ['octal', 'protocol', 'program'];

/** True for leaves of one word whose text depends on nothing else, and which have few values in a capture. */
function hasFewWords(plan: Plan, format: string): boolean {
  if (format === 'flag' || leastSize(plan) !== 4) return false;
  if (plan.kind === 'enum' || plan.kind === 'bool') return true;
  if (plan.kind !== 'int' && plan.kind !== 'unsigned') return false;
  if (format !== '') return FEW_VALUES.includes(format);
  const kind = plan.display?.kind ?? '';
  return kind === 'enum' || kind === 'flags' || FEW_VALUES.includes(kind);
}

/** Keeps the text of each word. Mostly a word is the same as the last one. */
function remembering(write: LeafWriter): LeafWriter {
  const texts = new Map<number, PreparedText>();
  let lastWord = 0;
  let last: PreparedText | undefined;
  return (out, context, at, count) => {
    const word = readInt32(context.bytes, at);
    if (word === lastWord && last !== undefined) return out.text(last);
    lastWord = word;
    last = texts.get(word);
    if (last !== undefined) return out.text(last);
    const start = out.length;
    write(out, context, at, count);
    last = new PreparedText(out.bytes.subarray(start, out.length));
    if (texts.size >= MAX_WORD_TEXTS) texts.clear();
    texts.set(word, last);
  };
}
