/**
 * Checks the hints of a `.x` file: builds all types and procedures as a capture may ask for them, and collects what
 * their makers complain about.
 */
import { PlanBuilder } from '../xdr/build-plan.js';
import type { Diagnostic, Hint, ProcedureDefinition, Span, Specification } from '../xdr/model.js';
import { Procedure } from './procedure.js';

/** Complaints that are kept: a hostile file has any number of wrong hints. */
const MAX_WARNINGS = 100;

/** Complaints about the hints of a `.x` file without errors: those that do not fit, and paths that name nothing. */
export function checkHints(specification: Specification): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  let more: Diagnostic | null = null;
  const warn = (hint: Pick<Hint, 'span'>, message: string) => {
    const { source, start } = hint.span;
    const key = `${source.name}:${start}:${message}`;
    if (found.size < MAX_WARNINGS) found.set(key, warning(message, hint.span));
    else if (!found.has(key)) more ??= warning('more hints do not fit; they are not shown', hint.span);
  };
  const builder = new PlanBuilder(specification, warn);
  for (const name of specification.types.keys()) builder.typePlan(name);
  for (const program of specification.programs) {
    for (const version of program.versions) {
      const plan = builder.program(program, version);
      for (const procedure of version.procedures) {
        const built = plan.procedures.get(procedure.number);
        if (built) new Procedure(built, (message) => warn(summaryHint(procedure), message));
      }
    }
  }
  const sorted = [...found.values()].sort((a, b) => byFile(a, b) || a.span.start - b.span.start);
  return more === null ? sorted : [...sorted, more];
}

function byFile({ span: { source: a } }: Diagnostic, { span: { source: b } }: Diagnostic): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function warning(message: string, span: Span): Diagnostic {
  return { code: 'hint', severity: 'warning', message, span };
}

/** The place that a complaint about a summary points at. */
function summaryHint(procedure: ProcedureDefinition): Pick<Hint, 'span'> {
  return procedure.hints.find((hint) => hint.name === 'call' || hint.name === 'reply') ?? procedure;
}
