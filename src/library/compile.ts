/**
 * `compile`: decoders from the text of a `.x` file, for its types and for the
 * arguments and results of its procedures. The bytes given to a decoder contain one
 * value, from their first byte on. A decoder never throws, whatever the bytes are.
 */
import { checkHints } from '../dissect/check-hints.js';
import { XdrFileError } from '../dissect/library.js';
import { PlanBuilder } from '../xdr/build-plan.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { JsonCompiler } from '../xdr/codegen-json.js';
import { GAVE_UP } from '../xdr/codegen-objects.js';
import { ValueCompiler } from '../xdr/codegen-value.js';
import { writeJson } from '../xdr/json.js';
import type { Specification } from '../xdr/model.js';
import { parseXdr, renderDiagnostic } from '../xdr/parse-xdr.js';
import type { Plan, ProcedurePlan, ProgramPlan } from '../xdr/plan.js';
import { decodeTree } from '../xdr/tree.js';
import type { DecodeContext, Decoded, DecodeFault } from '../xdr/tree-node.js';
import { treeValue, type XdrValue } from '../xdr/value.js';

/** The result of decoding. With a fault, `value` has what was read before it. */
export interface DecodedValue {
  value: XdrValue;
  /** What is wrong with the bytes, at which offset and in which field; null when nothing is. */
  fault: DecodeFault | null;
  /** What is odd: padding that is not zero, a length over its declared bound, bytes after the value. */
  notes: string[];
  /** Offset at which decoding ended: the end of the value, if it is complete. */
  next: number;
}

export interface JsonTextOptions {
  /** `string`: all 64-bit numbers are strings, not only those with the hint `identifier`. */
  int64?: 'number' | 'string';
  /** True: opaques with the hint `data` have their bytes, not only their length. */
  payload?: boolean;
}

/** Decodes values of one type. */
export interface Decoder {
  decode(bytes: Uint8Array): DecodedValue;
  /** The JSON text of the value, as `rpcdump --json` writes it; with a fault, that of what was read before it. */
  toJson(bytes: Uint8Array, options?: JsonTextOptions): string;
  /** Every field with its offset, length and value; leaves are views of `bytes`. */
  tree(bytes: Uint8Array): Decoded;
}

export interface CompiledProcedure {
  /** Without the prefix that a hint removes. */
  readonly name: string;
  readonly number: number;
  readonly arguments: Decoder;
  readonly result: Decoder;
}

/** One version of a program. */
export interface CompiledProgram {
  /** The program's short name. */
  readonly name: string;
  readonly number: number;
  readonly version: number;
  /** All procedures, in the order of the source. */
  readonly procedures: readonly CompiledProcedure[];
  /** One procedure, by number or name. */
  procedure(key: number | string): CompiledProcedure | undefined;
}

/** The types and programs that a `.x` text defines. */
export interface CompiledXdr {
  readonly types: {
    /** Names of all types, in the order of the source. */
    readonly names: readonly string[];
    get(name: string): Decoder | undefined;
  };
  /** One entry for each version of each program. */
  readonly programs: readonly CompiledProgram[];
  /** Warnings, about hints too, each as `name:line:col: warning: …` with its source line. */
  readonly warnings: readonly string[];
}

/**
 * Compiles the text of a `.x` file; `name` stands for it in messages. No file is read: an `#include "…"` is a warning,
 * or an error where names are missing.
 * @throws XdrFileError when the text has errors; its message has
 * all of them, each with its place, source line and a caret.
 */
export function compile(text: string, name = 'input.x'): CompiledXdr {
  const { specification, diagnostics } = parseXdr({ name, text });
  const rendered = (severity: string) => diagnostics.filter((each) => each.severity === severity).map(renderDiagnostic);
  const errors = rendered('error');
  if (errors.length > 0) throw new XdrFileError(errors.join('\n'));
  return new Compiled(specification, rendered('warning'));
}

class Compiled implements CompiledXdr {
  readonly types: CompiledXdr['types'];
  readonly programs: readonly Program[];
  private readonly compilers = { json: new JsonCompiler(), value: new ValueCompiler() };
  private allWarnings: readonly string[] | null = null;

  /** @param ownWarnings Those of the text without its hints. */
  constructor(
    private readonly specification: Specification,
    private readonly ownWarnings: readonly string[],
  ) {
    const builder = new PlanBuilder(specification);
    const newDecoder: NewDecoder = (plan, root) => new PlanDecoder(plan, root, this.context, this.compilers);
    const decoders = new Map<string, Decoder>();
    this.types = {
      names: [...specification.types.keys()],
      get: (name) => {
        const plan = builder.typePlan(name);
        if (plan !== undefined && !decoders.has(name)) decoders.set(name, newDecoder(plan, name));
        return decoders.get(name);
      },
    };
    this.programs = specification.programs.flatMap((program) =>
      program.versions.map((version) => new Program(builder.program(program, version), newDecoder)),
    );
  }

  /** Those about hints are looked for on first use, because all types are built for them. */
  get warnings(): readonly string[] {
    this.allWarnings ??= [...this.ownWarnings, ...checkHints(this.specification).map(renderDiagnostic)];
    return this.allWarnings;
  }

  /** Bodies of procedures inside opaques are those of the same text; fields of another message are unknown. */
  private readonly context: DecodeContext = {
    callField: () => undefined,
    body: (program, version, procedure, direction) => {
      const versions = this.programs.filter((each) => each.number === program);
      if (versions.length === 0) return 'unknown_program';
      const plan = versions.find((each) => each.version === version)?.plan;
      if (plan === undefined) return 'unknown_version';
      const found = plan.procedures.get(procedure);
      if (found === undefined) return 'unknown_procedure';
      return direction === 'call' ? found.arguments : found.result;
    },
  };
}

type NewDecoder = (plan: Plan, root: string) => Decoder;

class Program implements CompiledProgram {
  private made: Procedure[] | null = null;

  constructor(
    readonly plan: ProgramPlan,
    private readonly newDecoder: NewDecoder,
  ) {}

  get name(): string {
    return this.plan.name;
  }

  get number(): number {
    return this.plan.number;
  }

  get version(): number {
    return this.plan.version;
  }

  get procedures(): readonly CompiledProcedure[] {
    const { procedures } = this.plan;
    this.made ??= [...procedures.keys()].map((number) => new Procedure(procedures.get(number)!, this.newDecoder));
    return this.made;
  }

  procedure(key: number | string): CompiledProcedure | undefined {
    return this.procedures.find((each) => each.name === key || each.number === key);
  }
}

class Procedure implements CompiledProcedure {
  readonly name: string;
  readonly number: number;
  readonly arguments: Decoder;
  readonly result: Decoder;

  constructor(plan: ProcedurePlan, newDecoder: NewDecoder) {
    this.name = plan.name;
    this.number = plan.number;
    this.arguments = newDecoder(plan.arguments, 'args');
    this.result = newDecoder(plan.result, 'result');
  }
}

class PlanDecoder implements Decoder {
  constructor(
    private readonly plan: Plan,
    private readonly root: string,
    private readonly context: DecodeContext,
    private readonly compilers: { json: JsonCompiler; value: ValueCompiler },
  ) {}

  decode(bytes: Uint8Array): DecodedValue {
    const value = this.compilers.value.make(this.plan, bytes, 0, bytes.length);
    if (value !== GAVE_UP) return { value, fault: null, notes: [], next: bytes.length };
    const { root, fault, notes, next } = this.tree(bytes);
    return { value: root === null ? undefined : treeValue(root), fault, notes, next };
  }

  toJson(bytes: Uint8Array, options: JsonTextOptions = {}): string {
    const out = new ByteWriter(1024);
    const choice = { int64Strings: options.int64 === 'string', payload: options.payload === true };
    if (this.compilers.json.write(this.plan, bytes, 0, bytes.length, out, choice)) return out.toString();
    const { root } = this.tree(bytes);
    if (root === null) return 'null';
    writeJson(root, out, choice);
    return out.toString();
  }

  tree(bytes: Uint8Array): Decoded {
    const limit = bytes.length;
    return decodeTree(this.plan, { bytes, start: 0, end: limit, limit, context: this.context }, this.root);
  }
}
