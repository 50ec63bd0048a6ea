/** Checks a `.x` file as a dissector: its language, its hints, and whether its summary templates name fields that exist. */
import { type Diagnostic, fieldsOf, type Hint, type Specification, type XdrType } from '../xdr/model.js';
import { checkHints } from './check-hints.js';
import { type DissectorEntry, entriesOf, parseFile } from './library.js';

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
    else fieldsOf(type).forEach(addField);
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
