/**
 * Programs, versions and procedures (RFC 5531 §12): numbers are unsigned 32-bit, and within a program each version, within a
 * version each procedure, has a name and a number of its own. One program may be written in several blocks of other versions.
 */
import type { ProcedureDefinition, ProgramDefinition, Span, VersionDefinition } from './model.js';
import type { Resolver } from './resolver.js';
import type { Declaration, Expression, ProcedureSyntax, ProgramSyntax, VersionSyntax } from './syntax.js';

/** Resolves the types of all programs' procedures, and their numbers. */
export function resolvePrograms(syntaxes: readonly ProgramSyntax[], resolver: Resolver): ProgramDefinition[] {
  const programs = syntaxes.map((syntax) => resolveProgram(syntax, resolver));
  checkBlocks(programs, resolver);
  return programs;
}

/** A version that two blocks define could be decoded by either of them. */
function checkBlocks(programs: readonly ProgramDefinition[], resolver: Resolver): void {
  const seen = new Map<string, ProgramDefinition>();
  for (const program of programs) {
    for (const { number, span } of program.versions) {
      const key = `${program.number} version ${number}`;
      const other = seen.get(key);
      if (other === undefined) seen.set(key, program);
      else if (other !== program)
        resolver.diagnostics.report('duplicate-version', span, { what: key, other: other.name });
    }
  }
}

function resolveProgram(syntax: ProgramSyntax, resolver: Resolver): ProgramDefinition {
  const { name, hints } = syntax;
  const versions = syntax.versions.map((version) => resolveVersion(version, resolver));
  checkNumbers('version', versions, resolver);
  return { name, number: resolveNumber('program', syntax.number, resolver), hints, versions };
}

function resolveVersion(syntax: VersionSyntax, resolver: Resolver): VersionDefinition {
  const { name, hints, span } = syntax;
  const procedures = syntax.procedures.map((procedure) => resolveProcedure(procedure, resolver));
  checkNumbers('procedure', procedures, resolver);
  return { name, number: resolveNumber('version', syntax.number, resolver), hints, span, procedures };
}

function resolveProcedure(syntax: ProcedureSyntax, resolver: Resolver): ProcedureDefinition {
  const { name, hints, span, result } = syntax;
  resolver.checkUnique('argument', syntax.arguments);
  return {
    name,
    number: resolveNumber('procedure', syntax.number, resolver),
    arguments: syntax.arguments.map((argument) => resolveArgument(argument, resolver)),
    result: result.specifier.kind === 'void' ? { kind: 'void' } : resolver.declaredType(result),
    hints,
    span,
  };
}

function resolveArgument(syntax: Declaration, resolver: Resolver): ProcedureDefinition['arguments'][number] {
  const { name, hints } = syntax;
  const type = resolver.declaredType(syntax);
  return name === null ? { type, hints } : { name, type, hints };
}

function resolveNumber(what: string, expression: Expression, resolver: Resolver): number {
  const value = resolver.constants.number(expression) ?? 0n;
  if (value >= 0n && value < 2n ** 32n) return Number(value);
  resolver.diagnostics.report('number-range', expression.span, { what, value });
  return 0;
}

function checkNumbers(what: string, items: { name: string; number: number; span: Span }[], resolver: Resolver): void {
  resolver.checkUnique(what, items);
  const seen = new Map<number, string>();
  for (const { name, number, span } of items) {
    const other = seen.get(number);
    if (other === undefined) seen.set(number, name);
    else if (other !== name) resolver.diagnostics.report('duplicate-number', span, { what, name, other, number });
  }
}
