/**
 * Wireshark's names for the fields of programs, from the tables beside the `.x` files (dissectors/README.md). A name
 * that is in several tables stands for the fields of each in that table's programs.
 */
import { CALLBACK_PROGRAM } from '../dissect/callbacks.js';
import type { Dissection } from '../dissect/dissection.js';
import type { DissectorEntry, NameTable } from '../dissect/library.js';
import { crc16 } from '../xdr/crc16.js';
import { crc32 } from '../xdr/crc32.js';
import type { Field, Tests } from './field.js';
import { NEVER } from './tests.js';
import type { IsAsked, Vocabulary } from './vocabulary.js';

/** A field, and the messages in which a name stands for it. */
export interface FieldWhere {
  field: Field;
  /** null: in all messages. */
  where: ((dissection: Dissection) => boolean) | null;
}

/** The field at a path in the bodies of these programs, or one of `header-fields.ts`; null if they have none. */
export type FieldAt = (path: string, isAsked: IsAsked) => Field | null;

/** `SCOPE:path&MASK` or `SCOPE:path|FORMAT`, with any number of scopes. */
const FIELD = /^((?:\w+:)*)([^&|]+)(?:&(0x[0-9a-f]+)|\|(crc32|crc16|length))?$/;

/** The fields that a name stands for; none if no table has it. */
export function wiresharkFields(
  name: string,
  tables: readonly NameTable[],
  vocabulary: Vocabulary,
  fieldAt: FieldAt,
): FieldWhere[] {
  return tables.flatMap((table) =>
    fieldsOf(name, table).flatMap((text) => fieldWhere(text, table, vocabulary, fieldAt)),
  );
}

/** The fields of a name in a table; another name of the table stands for its own fields. */
function fieldsOf(name: string, { names }: NameTable): string[] {
  const texts = (names.get(name) ?? names.get(name.toLowerCase()))?.split(' ') ?? [];
  return texts.flatMap((text) => {
    const other = /^[^&|]+/.exec(text)![0];
    if (!names.has(other)) return [text];
    return names
      .get(other)!
      .split(' ')
      .map((field) => field + text.slice(other.length));
  });
}

function fieldWhere(text: string, table: NameTable, vocabulary: Vocabulary, fieldAt: FieldAt): FieldWhere[] {
  const found = FIELD.exec(text);
  if (found === null) throw new Error(`'${text}' is no field of a table of names`);
  const [, scopes, path, mask, format] = found;
  const { entries, procedures } = scopeOf(scopes.split(':').slice(0, -1), table.entries);
  const field = fieldAt(path, ({ number, version }) =>
    entries.some((entry) => entry.programNumber === number && entry.version === version),
  );
  if (field === null) return [];
  const isOf = (dissection: Dissection) => entries.some((entry) => isMessageOf(entry, dissection));
  const where =
    procedures.length === 0
      ? isOf
      : (dissection: Dissection) => isOf(dissection) && procedures.includes(vocabulary.procedureOf(dissection) ?? '');
  return [{ field: converted(field, mask, format), where }];
}

/** A scope is a version (`v3`), the short name of a program, or the name of a procedure. */
function scopeOf(
  scopes: readonly string[],
  all: readonly DissectorEntry[],
): { entries: DissectorEntry[]; procedures: string[] } {
  const versions = scopes.filter((scope) => /^v\d+$/.test(scope));
  const programs = scopes.filter((scope) => all.some(({ program }) => program === scope));
  const entries = all.filter(
    ({ program, version }) =>
      (versions.length === 0 || versions.includes(`v${version}`)) &&
      (programs.length === 0 || programs.includes(program)),
  );
  return { entries, procedures: scopes.filter((scope) => !versions.includes(scope) && !programs.includes(scope)) };
}

/** Callbacks have whatever program and version their client chose. */
function isMessageOf(
  { program, programNumber, version }: DissectorEntry,
  { message, programName }: Dissection,
): boolean {
  if (program === CALLBACK_PROGRAM) return programName === CALLBACK_PROGRAM;
  return message.program === programNumber && message.version === version;
}

function converted(field: Field, mask: string | undefined, format: string | undefined): Field {
  if (mask !== undefined) return bits(field, Number(mask));
  return format === undefined ? field : ofKind(field, 'number', FORMATS[format]);
}

type Conversion = (tests: Tests) => Partial<Tests>;

/** `crc32` is what lists show for file handles, `crc16` what they show for stateids. */
const FORMATS: Record<string, Conversion> = {
  crc32: ({ number }) => ({ bytes: (value) => number(crc32(value, 0, value.length) >>> 0) }),
  crc16: ({ number }) => ({ structure: (value) => value !== undefined && number(crc16(value, 0, value.length)) }),
  length: ({ number }) => ({ bytes: (value) => number(value.length) }),
};

/** One bit is a Boolean, several are a number. */
function bits(field: Field, mask: number): Field {
  const shift = 31 - Math.clz32(mask & -mask);
  const isOne = mask >>> shift === 1;
  const of = (value: number | bigint) => (Number(BigInt.asUintN(32, BigInt(value))) & mask) >>> shift;
  return ofKind(field, isOne ? 'boolean' : 'number', ({ number, boolean }) => {
    const test = (value: number | bigint) => (isOne ? boolean(of(value) === 1) : number(of(value)));
    return { number: test, name: (_, value) => test(value) };
  });
}

function ofKind(field: Field, kind: 'number' | 'boolean', convert: Conversion): Field {
  const compile = (tests: Tests) => field.compile({ ...NEVER, ...convert(tests) });
  return { ...field, kinds: new Set([kind]), names: null, compile };
}
