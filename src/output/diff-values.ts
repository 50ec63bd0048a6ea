/**
 * Values of compared fields, as JSON and as text. Text shows numbers according to their hints, and cuts long values.
 */
import type { Field, LeafValue } from '../analysis/diff/field.js';
import { MAX_DIFF_SHOWN } from '../limits/diff.js';
import { sanitize } from '../terminal/sanitize.js';
import { ByteWriter, jsonString } from '../xdr/byte-writer.js';
import { leastSize, type Plan } from '../xdr/plan.js';
import { writeText } from '../xdr/text.js';

/** The value as JSON text; null for a field that varies. */
export function fieldJson(field: Field): string {
  switch (field.kind) {
    case 'varying':
      return 'null';
    case 'cut':
      return 'null';
    case 'members':
      return `{${there(field.members)
        .map((member) => `${jsonString(member.name)}:${fieldJson(member)}`)
        .join(',')}}`;
    case 'elements':
      return `[${there(field.elements).map(fieldJson).join(',')}]`;
    default:
      return leafJson(field.value);
  }
}

/** Without the mark of missing bytes. */
function there(fields: readonly Field[]): readonly Field[] {
  return fields.filter(({ kind }) => kind !== 'cut');
}

function leafJson(value: LeafValue): string {
  if (typeof value === 'string') return jsonString(value);
  return typeof value === 'number' && !Number.isFinite(value) ? 'null' : String(value);
}

/** The value on one line, safe for a terminal. */
export function fieldText(field: Field | undefined, programs: (number: number) => string | undefined): string {
  if (field === undefined) return '(absent)';
  if (field.kind !== 'value' && field.kind !== 'alias') return cut(sanitize(fieldJson(field)));
  const { value } = field;
  if (field.kind === 'value' && field.plan !== null && typeof value !== 'string') {
    return shownNumber(field.plan, value, programs) ?? String(value);
  }
  return value === '' ? '""' : value === null ? 'none' : cut(sanitize(String(value)));
}

function cut(text: string): string {
  if (text.length <= MAX_DIFF_SHOWN) return text;
  const characters = Array.from(text);
  const { length } = characters;
  return length <= MAX_DIFF_SHOWN ? text : `${characters.slice(0, MAX_DIFF_SHOWN).join('')}… (${length} characters)`;
}

/** A number in the form of its hint; null where the plan has no such form. */
function shownNumber(
  plan: Plan,
  value: Exclude<LeafValue, string>,
  programs: (number: number) => string | undefined,
): string | null {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  if (typeof value === 'bigint') view.setBigUint64(0, BigInt.asUintN(64, value));
  else if (typeof value === 'number' && leastSize(plan) === 4) view.setInt32(0, value);
  else return null;
  const out = new ByteWriter(256);
  writeText(out, { bytes, programs }, plan, '', 0, -1, '');
  return sanitize(out.toString());
}
