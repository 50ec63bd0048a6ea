/**
 * Turns syntax trees into the specification of model.ts: every name becomes what it stands for, every size a number.
 * Types may be used before their definition. Definitions of last resort (`fallback.ts`) are loaded only for names that
 * are otherwise unknown. Refuses unknown names, duplicates, sizes beyond 2³²−1 and infinite types; a refused type
 * becomes void, so that the rest can be checked.
 */
import { builtinNames, builtinType, numberType } from './builtin-types.js';
import { Constants, isSelfNamed } from './constants.js';
import type { Diagnostics } from './diagnostics.js';
import type { EnumMember, Field, Span, Specification, TypeDefinition, UnionType, XdrType } from './model.js';
import { Names } from './names.js';
import { reportNesting } from './nesting.js';
import { parseMacroType } from './parse-tree.js';
import type { FailedInclude } from './preprocessor.js';
import { resolvePrograms } from './programs.js';
import { reportInfiniteTypes } from './recursion.js';
import type {
  Declaration,
  EnumMemberSyntax,
  Expression,
  Macro,
  Specifier,
  SyntaxTree,
  TypeSyntax,
  UnionSyntax,
} from './syntax.js';
import { labelledArms, UnionChecker, unresolved } from './unions.js';

const MAX_SIZE = 0xffffffffn;
/** Steps from one macro that names a type to the next. */
const MAX_MACRO_STEPS = 32;

export class Resolver {
  readonly constants: Constants;
  readonly names: Names;
  private readonly syntaxes = new Map<string, TypeSyntax>();
  private readonly macros = new Map<string, Macro>();
  private readonly definitions = new Map<string, TypeDefinition>();
  private readonly pending: [TypeDefinition, TypeSyntax][] = [];
  private readonly unions: [UnionType, UnionSyntax][] = [];

  constructor(
    private readonly tree: SyntaxTree,
    failedIncludes: FailedInclude[],
    private readonly fallback: () => SyntaxTree[],
    readonly diagnostics: Diagnostics,
  ) {
    this.names = new Names(diagnostics, tree.lost, failedIncludes, () => this.loadFallback());
    this.constants = new Constants(this.names, diagnostics);
  }

  resolve(): Specification {
    this.add(this.tree, false);
    for (const { name } of this.tree.types) if (this.syntaxes.has(name)) this.definitionOf(name);
    this.resolvePending();
    const programs = resolvePrograms(this.tree.programs, this);
    this.resolvePending();
    const checker = new UnionChecker(this.constants, this.diagnostics);
    for (const [union, syntax] of this.unions) checker.check(union, syntax);
    const constants = this.listConstants();
    const infinite = reportInfiniteTypes([...this.definitions.values()], this.diagnostics);
    reportNesting(this.definitions, infinite, this.diagnostics);
    this.names.reportIncludes();
    return { constants, types: this.definitions, programs };
  }

  private loadFallback(): void {
    for (const tree of this.fallback()) this.add(tree, true);
  }

  private add(tree: SyntaxTree, isFallback: boolean): void {
    this.constants.add(tree, isFallback);
    for (const [name, macro] of tree.macros) if (!this.macros.has(name)) this.macros.set(name, macro);
    for (const type of tree.types) if (!isSelfAlias(type)) this.addType(type, isFallback);
  }

  private addType(type: TypeSyntax, isFallback: boolean): void {
    const first = this.syntaxes.get(type.name);
    if (!first) this.syntaxes.set(type.name, type);
    else if (!isFallback) this.names.reportDuplicate('type', type.name, type.span, first.span);
  }

  private listConstants(): Specification['constants'] {
    const constants: Specification['constants'] = new Map();
    for (const { name } of this.tree.constants) this.listConstant(name, constants);
    this.diagnostics.quietly(() => {
      for (const macro of this.tree.macros.values()) {
        if (!isSelfNamed(macro) && !macro.isUndefined) this.listConstant(macro.name, constants);
      }
    });
    return constants;
  }

  private listConstant(name: string, constants: Specification['constants']): void {
    const value = this.constants.named(name);
    if (value !== undefined) constants.set(name, value);
  }

  // Types.

  /** The definition under that name, to be resolved later; undefined when there is none. */
  private definitionOf(name: string): TypeDefinition | undefined {
    const known = this.definitions.get(name);
    const syntax = this.syntaxes.get(name);
    if (known || !syntax) return known;
    const definition: TypeDefinition = { name, type: unresolved, hints: syntax.hints, span: syntax.span };
    this.definitions.set(name, definition);
    this.pending.push([definition, syntax]);
    return definition;
  }

  private resolvePending(): void {
    for (let index = 0; index < this.pending.length; index++) {
      const [definition, syntax] = this.pending[index];
      definition.type = this.declaredType(syntax.declaration);
    }
    this.pending.length = 0;
  }

  field(declaration: Declaration): Field {
    const { name, hints } = declaration;
    return { name: name!, type: this.declaredType(declaration), hints };
  }

  /** The type of a declaration: its specifier, with what is written around the name (`*`, `[n]`, `<n>`). */
  declaredType(declaration: Declaration): XdrType {
    const specifier = this.expandMacro(declaration.specifier);
    const { pointer, suffix } = declaration;
    if (specifier.kind === 'string' || specifier.kind === 'opaque') {
      const type = specifier.kind === 'string' ? this.stringType(declaration) : this.opaqueType(declaration);
      return pointer ? { kind: 'optional', element: type } : type;
    }
    const base = this.specifiedType(specifier);
    if (base === unresolved) return base;
    const element: XdrType = pointer ? { kind: 'optional', element: base } : base;
    if (!suffix) return element;
    if (suffix.kind === 'fixed') return { kind: 'arrayFixed', element, length: this.size(suffix.bound) };
    return { kind: 'arrayVariable', element, max: this.size(suffix.bound) };
  }

  private stringType({ suffix, span }: Declaration): XdrType {
    if (suffix?.kind === 'fixed') this.diagnostics.report('string-fixed', span);
    return { kind: 'string', max: this.size(suffix?.bound ?? null) };
  }

  private opaqueType({ suffix, specifier }: Declaration): XdrType {
    if (suffix?.kind === 'fixed') return { kind: 'opaqueFixed', length: this.size(suffix.bound) };
    if (suffix) return { kind: 'opaqueVariable', max: this.size(suffix.bound) };
    this.diagnostics.report('opaque-alone', specifier.span);
    return unresolved;
  }

  /** A length or bound; 2³²−1 where none is written. */
  private size(bound: Expression | null): number {
    const value = bound === null ? MAX_SIZE : (this.constants.number(bound) ?? MAX_SIZE);
    if (value >= 0n && value <= MAX_SIZE) return Number(value);
    this.diagnostics.report('size-range', bound!.span, { value });
    return Number(MAX_SIZE);
  }

  private specifiedType(specifier: Specifier): XdrType {
    switch (specifier.kind) {
      case 'number':
        return numberType(specifier.spelling) ?? this.refuseNumber(specifier);
      case 'named':
        return this.namedType(specifier.name, specifier.span);
      case 'enum':
        return { kind: 'enum', members: this.enumMembers(specifier.members) };
      case 'struct':
        return { kind: 'struct', fields: this.fields(specifier.fields) };
      case 'union':
        return this.unionType(specifier);
      default:
        this.diagnostics.report('void-not-allowed', specifier.span);
        return unresolved;
    }
  }

  private refuseNumber({ spelling, span }: Extract<Specifier, { kind: 'number' }>): XdrType {
    this.diagnostics.report('bad-number-type', span, { spelling });
    return unresolved;
  }

  private namedType(name: string, span: Span): XdrType {
    const type = this.knownType(name) ?? (this.names.loadFallback() ? this.knownType(name) : undefined);
    if (type) return type;
    this.names.reportUnknown('unknown-type', name, span, () => [...this.syntaxes.keys(), ...builtinNames]);
    return unresolved;
  }

  private knownType(name: string): XdrType | undefined {
    const definition = this.definitionOf(name);
    return definition ? { kind: 'named', definition } : builtinType(name);
  }

  /** The specifier that a macro stands for, where no type has its name. */
  private expandMacro(specifier: Specifier): Specifier {
    let at = specifier;
    for (let step = 0; step < MAX_MACRO_STEPS && at.kind === 'named'; step++) {
      const macro = this.syntaxes.has(at.name) ? undefined : this.macros.get(at.name);
      const next = macro && macro.body.length > 0 ? parseMacroType(macro) : null;
      if (!next) break;
      at = next;
    }
    return at;
  }

  private enumMembers(members: EnumMemberSyntax[]): EnumMember[] {
    const resolved: EnumMember[] = [];
    for (const member of members) {
      const value = this.constants.member(member);
      const { name, hints } = member;
      if (value !== undefined) resolved.push({ name, value: Number(value), hints });
    }
    return resolved;
  }

  private fields(declarations: Declaration[]): Field[] {
    this.checkUnique('field', declarations);
    return declarations.map((declaration) => this.field(declaration));
  }

  private unionType(syntax: UnionSyntax): UnionType {
    const discriminant = this.field(syntax.discriminant);
    const declarations = syntax.arms.map((arm) => arm.declaration).filter((declaration) => declaration !== null);
    this.checkUnique('arm', declarations);
    const fields = new Map(syntax.arms.map((arm) => [arm, arm.declaration && this.field(arm.declaration)]));
    const arms = labelledArms(syntax).map((arm) => ({ values: [], field: fields.get(arm)! }));
    const union: UnionType = { kind: 'union', discriminant, arms };
    const otherwise = syntax.arms.find((arm) => arm.isDefault);
    if (otherwise) union.defaultArm = fields.get(otherwise)!;
    this.unions.push([union, syntax]);
    return union;
  }

  checkUnique(what: string, named: { name: string | null; span: Span }[]): void {
    const seen = new Map<string, Span>();
    for (const { name, span } of named) {
      if (name === null) continue;
      const first = seen.get(name);
      if (first) this.names.reportDuplicate(what, name, span, first);
      else seen.set(name, span);
    }
  }
}

/** True for C's `typedef struct foo foo;`, which says nothing here. */
function isSelfAlias({ name, declaration: { specifier, pointer, suffix } }: TypeSyntax): boolean {
  return specifier.kind === 'named' && specifier.name === name && !pointer && !suffix;
}
