/**
 * What a `.x` file means: the resolved types and programs of RFC 4506 §6 and RFC 5531
 * §12, as `parseXdr` returns them and `PlanBuilder` takes them. Names are resolved,
 * constants evaluated, hints attached. How values lie in bytes is not known here.
 */

/** A `.x` source text; `name` is what diagnostics print. */
export interface Source {
  name: string;
  text: string;
}

/** A range of a source text, in UTF-16 offsets; `end` is exclusive. */
export interface Span {
  source: Source;
  start: number;
  end: number;
}

/** One directive of a hint comment: `name` and its arguments (words, or strings in double quotes). See dissectors/README.md. */
export interface Hint {
  name: string;
  arguments: HintArgument[];
  span: Span;
}

export interface HintArgument {
  kind: 'word' | 'string';
  text: string;
  span: Span;
}

export type XdrType =
  | { kind: 'void' }
  /** Four and eight byte numbers. `spelling` is the type as the author wrote it (`short`, `u_int`, `unsigned hyper`). */
  | {
      kind: 'int' | 'unsigned' | 'hyper' | 'unsignedHyper' | 'float' | 'double' | 'quadruple' | 'bool';
      spelling: string;
    }
  /** `max` in bytes, 4294967295 when not declared. */
  | { kind: 'string'; max: number }
  | { kind: 'opaqueFixed'; length: number }
  | { kind: 'opaqueVariable'; max: number }
  | { kind: 'arrayFixed'; element: XdrType; length: number }
  | { kind: 'arrayVariable'; element: XdrType; max: number }
  | { kind: 'optional'; element: XdrType }
  /** A type used by its name; the definition may be (mutually) recursive, so it is a reference. */
  | { kind: 'named'; definition: TypeDefinition }
  /** Anonymous, written in place. */
  | EnumType
  | StructType
  | UnionType;

export interface EnumType {
  kind: 'enum';
  /** In declaration order; values are signed 32-bit. Several names may share a value: the first one is shown. */
  members: EnumMember[];
}

export interface EnumMember {
  name: string;
  value: number;
  hints: Hint[];
}

export interface StructType {
  kind: 'struct';
  fields: Field[];
}

export interface Field {
  name: string;
  type: XdrType;
  hints: Hint[];
}

export interface UnionType {
  kind: 'union';
  discriminant: Field;
  /** `values` are signed or unsigned as the discriminant's type says; booleans are 0 and 1. `field` is null for void. */
  arms: { values: number[]; field: Field | null }[];
  /** undefined: no default arm; null: default is void. */
  defaultArm?: Field | null;
}

/** A named type: typedef, enum, struct or union at the top level. */
export interface TypeDefinition {
  name: string;
  type: XdrType;
  hints: Hint[];
  span: Span;
}

export interface ProgramDefinition {
  name: string;
  /** Unsigned 32-bit. */
  number: number;
  hints: Hint[];
  versions: VersionDefinition[];
}

export interface VersionDefinition {
  name: string;
  number: number;
  hints: Hint[];
  span: Span;
  procedures: ProcedureDefinition[];
}

export interface ProcedureDefinition {
  name: string;
  number: number;
  /** Empty for `()` and `(void)`; `name` is absent where the source names no argument. */
  arguments: { name?: string; type: XdrType; hints: Hint[] }[];
  result: XdrType;
  hints: Hint[];
  span: Span;
}

/** All that one `.x` file (with what it includes) defines. */
export interface Specification {
  constants: Map<string, bigint | string>;
  types: Map<string, TypeDefinition>;
  programs: ProgramDefinition[];
}

export type Severity = 'error' | 'warning';

/** One complaint; `code` is a key of the table in diagnostics.ts, or `hint` (dissect/check.ts). */
export interface Diagnostic {
  code: string;
  severity: Severity;
  message: string;
  span: Span;
}

/** The fields of a struct, or the discriminant and the arms of a union; none of any other type. */
export function fieldsOf(type: XdrType): Field[] {
  if (type.kind === 'struct') return type.fields;
  if (type.kind !== 'union') return [];
  const arms = [...type.arms.map((arm) => arm.field), type.defaultArm];
  return [type.discriminant, ...arms.filter((arm) => arm !== null && arm !== undefined)];
}
