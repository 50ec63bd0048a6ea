/** A specification as `.x` text: the inverse of parseXdr, for tests. */
import type { Field, Hint, ProcedureDefinition, Specification, TypeDefinition, XdrType } from '../../src/xdr/model.js';

const UNBOUNDED = 0xffffffff;

export function printXdr(specification: Specification): string {
  const lines: string[] = [];
  for (const [name, value] of specification.constants) {
    lines.push(`const ${name} = ${typeof value === 'string' ? `"${value}"` : value};`);
  }
  for (const definition of specification.types.values()) lines.push(printDefinition(definition));
  for (const { name, number, hints, versions } of specification.programs) {
    lines.push(`${printHints(hints)}program ${name} {`);
    for (const version of versions) {
      lines.push(`  ${printHints(version.hints)}version ${version.name} {`);
      for (const procedure of version.procedures) lines.push(`    ${printProcedure(procedure)}`);
      lines.push(`  } = ${version.number};`);
    }
    lines.push(`} = ${number};`);
  }
  return `${lines.join('\n')}\n`;
}

function printDefinition({ name, type, hints }: TypeDefinition): string {
  const head = printHints(hints);
  if (type.kind !== 'enum' && type.kind !== 'struct' && type.kind !== 'union') {
    return `${head}typedef ${declare(type, name)};`;
  }
  return `${head}${specify(type).replace(/^\w+/, `$& ${name}`)};`;
}

function printProcedure({ name, number, arguments: list, result, hints }: ProcedureDefinition): string {
  const parameters = list.map((each) => `${printHints(each.hints)}${declare(each.type, each.name ?? '')}`).join(', ');
  return `${printHints(hints)}${declare(result, '')} ${name}(${parameters || 'void'}) = ${number};`;
}

/** A declaration of `name`, which may be empty. */
function declare(type: XdrType, name: string): string {
  switch (type.kind) {
    case 'string':
      return `string ${name}${bound(type.max)}`;
    case 'opaqueFixed':
      return `opaque ${name}[${type.length}]`;
    case 'opaqueVariable':
      return `opaque ${name}${bound(type.max)}`;
    case 'optional':
      return declare(type.element, ` *${name}`);
    case 'arrayFixed':
      return `${declare(type.element, name)}[${type.length}]`;
    case 'arrayVariable':
      return `${declare(type.element, name)}${bound(type.max)}`;
    default:
      return `${specify(type)} ${name}`;
  }
}

function bound(max: number): string {
  return max === UNBOUNDED ? '<>' : `<${max}>`;
}

function specify(type: XdrType): string {
  switch (type.kind) {
    case 'enum':
      return `enum { ${type.members.map(({ name, value, hints }) => `${printHints(hints)}${name} = ${value}`).join(', ')} }`;
    case 'struct':
      return `struct { ${type.fields.map((field) => `${printField(field)};`).join(' ')} }`;
    case 'union': {
      const arms = type.arms.map(({ values, field }) => {
        const labels = values.map((value) => `case ${value}:`).join(' ');
        return `${labels} ${field ? printField(field) : 'void'};`;
      });
      if (type.defaultArm !== undefined)
        arms.push(`default: ${type.defaultArm ? printField(type.defaultArm) : 'void'};`);
      return `union switch (${printField(type.discriminant)}) { ${arms.join(' ')} }`;
    }
    case 'named':
      return type.definition.name;
    default:
      return 'spelling' in type ? type.spelling : type.kind;
  }
}

function printField({ name, type, hints }: Field): string {
  return `${printHints(hints)}${declare(type, name)}`;
}

function printHints(hints: Hint[]): string {
  if (hints.length === 0) return '';
  const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const directives = hints.map(({ name, arguments: list }) =>
    [name, ...list.map(({ kind, text }) => (kind === 'string' ? quote(text) : text))].join(' '),
  );
  return `/*@ ${directives.join('; ')} */ `;
}
