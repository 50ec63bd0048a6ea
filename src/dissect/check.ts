/** Checks a `.x` file as a dissector: its language, its hints, and whether its summary templates name fields that exist. */
import { PlanBuilder } from '../xdr/build-plan.js';
import type { Diagnostic, Hint, ProcedureDefinition, Specification, XdrType } from '../xdr/model.js';
import { type DissectorEntry, entriesOf, parseFile } from './library.js';
import { Procedure } from './procedure.js';

export interface CheckedFile {
  file: string;
  diagnostics: Diagnostic[];
  specification: Specification;
  entries: DissectorEntry[];
  /** How often each hint occurs, by its name. */
  hints: Map<string, number>;
}

/** @throws XdrFileError when the file cannot be read. */
export function checkDissector(file: string): CheckedFile {
  const { specification, diagnostics } = parseFile(file);
  const isUsable = diagnostics.every((diagnostic) => diagnostic.severity !== 'error');
  return {
    file,
    diagnostics: isUsable ? [...diagnostics, ...checkHints(specification)] : diagnostics,
    specification,
    entries: entriesOf(specification, file),
    hints: countHints(specification),
  };
}

function checkHints(specification: Specification): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  const warn = (hint: Pick<Hint, 'span'>, message: string) => {
    const { source, start } = hint.span;
    const key = `${source.name}:${start}:${message}`;
    found.set(key, { code: 'hint', severity: 'warning', message, span: hint.span });
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
  return [...found.values()].sort((a, b) => byFile(a, b) || a.span.start - b.span.start);
}

function byFile({ span: { source: a } }: Diagnostic, { span: { source: b } }: Diagnostic): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** The place that a complaint about a summary points at. */
function summaryHint(procedure: ProcedureDefinition): Pick<Hint, 'span'> {
  return procedure.hints.find((hint) => hint.name === 'call' || hint.name === 'reply') ?? procedure;
}

function countHints(specification: Specification): Map<string, number> {
  const counts = new Map<string, number>();
  const add = ({ hints }: { hints: readonly Hint[] }) => {
    for (const { name } of hints) counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  const addField = (field: { hints: readonly Hint[]; type: XdrType }) => {
    add(field);
    addType(field.type);
  };
  const addType = (type: XdrType) => {
    if ('element' in type) addType(type.element);
    else if (type.kind === 'enum') type.members.forEach(add);
    else if (type.kind === 'struct') type.fields.forEach(addField);
    else if (type.kind === 'union') {
      addField(type.discriminant);
      for (const { field } of type.arms) if (field) addField(field);
      if (type.defaultArm) addField(type.defaultArm);
    }
  };
  for (const definition of specification.types.values()) addField(definition);
  for (const program of specification.programs) {
    add(program);
    for (const version of program.versions) {
      add(version);
      for (const procedure of version.procedures) {
        add(procedure);
        procedure.arguments.forEach(addField);
      }
    }
  }
  return counts;
}
