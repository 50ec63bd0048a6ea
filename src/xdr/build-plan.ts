/**
 * Turns resolved types into the layout plan: typedefs are followed, chains of optional-data become lists, and hints
 * become attributes and nodes. A named type is built once, and entered before its members, so that recursion ends.
 * Unknown hints are warnings.
 */

import { applyFieldHints, type HintScope, LESSONS, MEMBER_HINTS, reportMisplaced, statusOf } from './apply-hints.js';
import { lastWord } from './hints.js';
import {
  type EnumType,
  type Field,
  fieldsOf,
  type Hint,
  type ProcedureDefinition,
  type ProgramDefinition,
  type Specification,
  type StructType,
  type TypeDefinition,
  type UnionType,
  type VersionDefinition,
  type XdrType,
} from './model.js';
import {
  type FieldPlan,
  freeName,
  type LessonPlan,
  type OperationsPlan,
  type Plan,
  type ProcedurePlan,
  type ProcedureTable,
  type ProgramPlan,
  type SavedText,
  type StructPlan,
  type UnionPlan,
} from './plan.js';
import { parseTemplate, type Template } from './template.js';

export type HintProblem = (hint: Hint, message: string) => void;

export class PlanBuilder {
  private readonly named = new Map<TypeDefinition, Plan>();
  private readonly lists = new Map<TypeDefinition, StructPlan>();
  private readonly scope: HintScope;
  /** Names of numbers, by the enum or union that has them. */
  private readonly bits = new Map<string, ReadonlyMap<number, string>>();
  /** Names of all fields; collected when a hint first asks for one. */
  private fieldNames: Set<string> | null = null;

  constructor(
    private readonly specification: Specification,
    private readonly problem: HintProblem = () => {},
  ) {
    this.scope = {
      problem,
      enumNames: (name) => this.enumNames(name),
      typePlan: (name) => this.typePlan(name),
      isField: (name) => this.isField(name),
      bitNames: (name) => this.bitNames(name),
    };
  }

  /** The plan of a type by its name; undefined when the specification has none. */
  typePlan(name: string): Plan | undefined {
    const definition = this.specification.types.get(name);
    return definition && this.ofDefinition(definition);
  }

  /** The plan of one version of a program. Procedures are built when first asked for. */
  program(program: ProgramDefinition, version: VersionDefinition): ProgramPlan {
    const hints = [...program.hints, ...version.hints];
    reportMisplaced(hints, 'program', this.problem);
    return {
      name: lastWord(hints, 'name') ?? program.name,
      title: lastWord(hints, 'title') ?? '',
      number: program.number,
      version: version.number,
      procedures: new LazyProcedures(version.procedures, (procedure) => this.procedure(procedure, hints)),
    };
  }

  private procedure(procedure: ProcedureDefinition, hints: Hint[]): ProcedurePlan {
    reportMisplaced(procedure.hints, 'procedure', this.problem);
    const prefix = lastWord(hints, 'prefix') ?? '';
    const stripped = procedure.name.startsWith(prefix) ? procedure.name.slice(prefix.length) : procedure.name;
    const plan: ProcedurePlan = {
      name: lastWord(procedure.hints, 'name') ?? stripped,
      number: procedure.number,
      arguments: isUnknown(procedure, 'call') ? unknownArguments(procedure) : this.arguments(procedure),
      result: isUnknown(procedure, 'reply') ? { kind: 'rest' } : this.type(procedure.result),
      call: this.template(procedure.hints, 'call'),
      reply: this.template(procedure.hints, 'reply'),
      operations: operationsOf(procedure.hints),
      lessons: lessonsOf(procedure.hints),
      isSilent: [...hints, ...procedure.hints].some((hint) => hint.name === 'silent'),
    };
    markOperations(plan);
    return plan;
  }

  /** One struct or union argument is itself the root; others are the members of an object. */
  private arguments(procedure: ProcedureDefinition): Plan {
    const named = procedure.arguments.filter(({ name }) => name !== undefined);
    const plans = procedure.arguments.map((argument, index) => ({
      name: argument.name ?? freeName(`arg${index + 1}`, named),
      plan: applyFieldHints(this.type(argument.type), argument.hints, this.scope),
    }));
    if (plans.length === 0) return { kind: 'void' };
    if (plans.length === 1 && ['struct', 'union', 'void'].includes(plans[0].plan.kind)) return plans[0].plan;
    return { kind: 'struct', name: procedure.name, fields: plans };
  }

  /** The template of a hint; null when there is no such hint. */
  private template(hints: Hint[], name: string): Template | null {
    const hint = hints.findLast((candidate) => candidate.name === name);
    if (hint === undefined) return null;
    const { template, error } = parseTemplate(hint.arguments.map((argument) => argument.text).join(' '));
    if (error !== null) this.problem(hint, error);
    return template;
  }

  /** The text of `source` or `target`; null when there is no such hint. */
  private saved(hints: Hint[]): SavedText | null {
    const source = this.template(hints, 'source');
    if (source !== null) return { isBefore: true, text: source };
    const target = this.template(hints, 'target');
    return target === null ? null : { isBefore: false, text: target };
  }

  private type(type: XdrType): Plan {
    switch (type.kind) {
      case 'void':
        return type;
      case 'bool':
      case 'int':
      case 'unsigned':
      case 'hyper':
      case 'unsignedHyper':
      case 'float':
      case 'double':
      case 'quadruple':
        return { kind: type.kind, spelling: type.spelling } as Plan;
      case 'string':
        return { kind: 'string', max: type.max };
      case 'opaqueFixed':
        return { kind: 'opaque', length: type.length, max: type.length };
      case 'opaqueVariable':
        return { kind: 'opaque', length: -1, max: type.max };
      case 'arrayFixed':
        return { kind: 'array', element: this.type(type.element), length: type.length, max: type.length };
      case 'arrayVariable':
        return { kind: 'array', element: this.type(type.element), length: -1, max: type.max };
      case 'optional':
        return this.optional(type.element);
      case 'named':
        return this.ofDefinition(type.definition);
      case 'enum':
        return this.enumeration('', type, []);
      case 'struct':
        return this.struct('', type, []);
      case 'union':
        return this.union('', type, []);
    }
  }

  private optional(element: XdrType): Plan {
    const definition = structDefinition(element);
    if (definition !== null && isChain(definition)) {
      return { kind: 'list', element: this.listElement(definition), leading: false };
    }
    return { kind: 'optional', element: this.type(element) };
  }

  /** A chained struct without the member that points to the next one. */
  private listElement(definition: TypeDefinition): StructPlan {
    let plan = this.lists.get(definition);
    if (plan === undefined) {
      plan = { kind: 'struct', name: definition.name, fields: [] };
      this.lists.set(definition, plan);
      this.fillStruct(plan, (definition.type as StructType).fields.slice(0, -1), definition.hints);
    }
    return plan;
  }

  private ofDefinition(definition: TypeDefinition): Plan {
    let plan = this.named.get(definition);
    if (plan === undefined) {
      plan = this.define(definition);
      this.named.set(definition, plan);
    }
    return plan;
  }

  private define(definition: TypeDefinition): Plan {
    const { name, type, hints } = definition;
    if (type.kind === 'enum') return this.enumeration(name, type, hints);
    if (type.kind === 'struct') {
      if (isChain(definition)) return { kind: 'list', element: this.listElement(definition), leading: true };
      return this.struct(name, type, hints, definition);
    }
    if (type.kind === 'union') return this.union(name, type, hints, definition);
    if (type.kind !== 'optional' && type.kind !== 'arrayFixed' && type.kind !== 'arrayVariable') {
      return applyFieldHints(this.type(type), hints, this.scope);
    }
    // The type may hold itself, so its plan is entered before it is filled.
    const plan = {} as Plan;
    this.named.set(definition, plan);
    return Object.assign(plan, applyFieldHints(this.type(type), hints, this.scope));
  }

  private enumeration(name: string, type: EnumType, hints: Hint[]): Plan {
    reportMisplaced(hints, 'enum', this.problem);
    for (const member of type.members) reportMisplaced(member.hints, 'enum member', this.problem);
    const names = namesOf(type);
    const status = statusOf(hints, names, this.problem);
    return status ? { kind: 'enum', name, names, status } : { kind: 'enum', name, names };
  }

  private struct(name: string, type: StructType, hints: Hint[], definition?: TypeDefinition): StructPlan {
    const plan: StructPlan = { kind: 'struct', name, fields: [] };
    if (definition) this.named.set(definition, plan);
    this.fillStruct(plan, type.fields, hints);
    return plan;
  }

  private fillStruct(plan: StructPlan, fields: Field[], hints: Hint[]): void {
    const text = this.template(hints, 'text');
    if (text !== null) plan.text = text;
    const saved = this.saved(hints);
    if (saved !== null) plan.saved = saved;
    for (const field of fields) plan.fields.push(this.member(field));
    Object.assign(plan, applyFieldHints(plan, hints, this.scope));
  }

  private union(name: string, type: UnionType, hints: Hint[], definition?: TypeDefinition): UnionPlan {
    const plan: UnionPlan = {
      kind: 'union',
      name,
      discriminant: { name: '', plan: { kind: 'void' } },
      arms: new Map(),
      otherwise: undefined,
    };
    if (definition) this.named.set(definition, plan);
    reportMisplaced(hints, 'union', this.problem);
    const text = this.template(hints, 'text');
    if (text !== null) plan.text = text;
    plan.discriminant = this.field(type.discriminant);
    for (const arm of type.arms) {
      const field = arm.field && this.arm(arm.field, type);
      for (const value of arm.values) plan.arms.set(value, field);
    }
    if (type.defaultArm !== undefined) plan.otherwise = type.defaultArm && this.arm(type.defaultArm, type);
    return plan;
  }

  /** An arm may be named like the discriminant, but a record has each key once. */
  private arm(field: Field, union: UnionType): FieldPlan {
    const isTaken = field.name === union.discriminant.name;
    return { ...this.field(field), name: isTaken ? freeName(field.name, fieldsOf(union)) : field.name };
  }

  /** A field of a struct; only there do the hints `later` and `notice` fit. */
  private member(field: Field): FieldPlan {
    const plan = this.field({ ...field, hints: field.hints.filter(({ name }) => !MEMBER_HINTS.has(name)) });
    for (const { name } of field.hints) {
      if (name === 'later') plan.isLater = true;
      else if (name === 'notice') plan.isNotice = true;
    }
    return plan;
  }

  private field(field: Field): FieldPlan {
    return { name: field.name, plan: applyFieldHints(this.type(field.type), field.hints, this.scope) };
  }

  /** The same map for all hints that name an enum: there may be many of either. */
  private enumNames(name: string): ReadonlyMap<number, string> | undefined {
    const type = this.specification.types.get(name)?.type;
    if (type?.kind !== 'enum') return undefined;
    const names = this.bits.get(name) ?? namesOf(type);
    this.bits.set(name, names);
    return names;
  }

  private isField(name: string): boolean {
    this.fieldNames ??= new Set(fieldsIn(this.specification));
    return this.fieldNames.has(name);
  }

  private bitNames(name: string): ReadonlyMap<number, string> | undefined {
    const type = this.specification.types.get(name)?.type;
    if (type?.kind !== 'union') return this.enumNames(name);
    const known = this.bits.get(name);
    if (known !== undefined) return known;
    const names = new Map<number, string>();
    this.bits.set(name, names);
    for (const arm of type.arms) for (const value of arm.values) if (arm.field) names.set(value, arm.field.name);
    return names;
  }
}

/** Procedures by number, built on first use: a program of 80 procedures costs only what the capture has of it. */
class LazyProcedures implements ProcedureTable {
  private readonly built = new Map<number, ProcedurePlan>();
  private readonly definitions: Map<number, ProcedureDefinition>;

  constructor(
    definitions: ProcedureDefinition[],
    private readonly build: (definition: ProcedureDefinition) => ProcedurePlan,
  ) {
    this.definitions = new Map(definitions.map((definition) => [definition.number, definition]));
  }

  get(number: number): ProcedurePlan | undefined {
    const built = this.built.get(number);
    if (built !== undefined) return built;
    const definition = this.definitions.get(number);
    if (definition === undefined) return undefined;
    const plan = this.build(definition);
    this.built.set(number, plan);
    return plan;
  }

  has(number: number): boolean {
    return this.definitions.has(number);
  }

  keys(): MapIterator<number> {
    return this.definitions.keys();
  }
}

function namesOf(type: EnumType): Map<number, string> {
  const names = new Map<number, string>();
  for (const member of type.members) if (!names.has(member.value)) names.set(member.value, member.name);
  return names;
}

/** The names of all fields and arguments. */
function* fieldsIn({ types, programs }: Specification): Generator<string> {
  for (const { type } of types.values()) yield* namesIn(type);
  for (const { procedures } of programs.flatMap((program) => program.versions)) {
    for (const argument of procedures.flatMap((procedure) => procedure.arguments)) {
      if (argument.name !== undefined) yield argument.name;
      yield* namesIn(argument.type);
    }
  }
}

function* namesIn(type: XdrType): Generator<string> {
  if ('element' in type) yield* namesIn(type.element);
  for (const field of fieldsOf(type)) {
    yield field.name;
    yield* namesIn(field.type);
  }
}

/** The struct that a type stands for, through typedefs; null for anything else. */
function structDefinition(type: XdrType): TypeDefinition | null {
  let current: XdrType = type;
  for (let i = 0; i < 64 && current.kind === 'named'; i++) {
    if (current.definition.type.kind === 'struct') return current.definition;
    current = current.definition.type;
  }
  return null;
}

/** True for a struct whose last member is an optional of itself, directly or by typedef: a linked list. */
function isChain(definition: TypeDefinition): boolean {
  const fields = (definition.type as StructType).fields;
  let last: XdrType | undefined = fields.at(-1)?.type;
  for (let i = 0; i < 64 && last?.kind === 'named'; i++) last = last.definition.type;
  return fields.length > 1 && last?.kind === 'optional' && structDefinition(last.element) === definition;
}

/** True for the hints `unknown call` and `unknown reply`: the procedure's arguments or results were never published. */
function isUnknown(procedure: ProcedureDefinition, direction: 'call' | 'reply'): boolean {
  return procedure.hints.some((hint) => hint.name === 'unknown' && hint.arguments[0]?.text === direction);
}

function unknownArguments({ name }: ProcedureDefinition): StructPlan {
  return { kind: 'struct', name, fields: [{ name: 'arg1', plan: { kind: 'rest' } }] };
}

/** `operations CALL REPLY PREFIX`, `minor NAME …`, `subject NAME`, `saved SAVE RESTORE`. */
function operationsOf(hints: Hint[]): OperationsPlan | null {
  const words = (name: string) =>
    hints.findLast((hint) => hint.name === name)?.arguments.map((argument) => argument.text) ?? [];
  const [call, reply, prefix = ''] = words('operations');
  if (call === undefined || reply === undefined) return null;
  const [subject = ''] = words('subject');
  const [save = '', restore = ''] = words('saved');
  return { call, reply, prefix, minor: words('minor'), subject, save, restore };
}

function lessonsOf(hints: Hint[]): LessonPlan[] {
  return hints
    .filter((hint) => LESSONS.has(hint.name))
    .map((hint) => ({ verb: hint.name, words: hint.arguments.map((argument) => argument.text) }));
}

/** Marks the unions in a compound's arrays as operations. */
function markOperations({ operations, arguments: call, result }: ProcedurePlan): void {
  if (operations === null) return;
  for (const [root, name] of [
    [call, operations.call],
    [result, operations.reply],
  ] as const) {
    const array = root.kind === 'struct' ? root.fields.find((field) => field.name === name)?.plan : undefined;
    if (array?.kind === 'array' && array.element.kind === 'union') array.element.isOperation = true;
  }
}
