/** A specification as readable text, one thing a line: what the goldens of test/xdr hold, and what `parseEach` compares. */
import type { Field, Hint, Specification, TypeDefinition, UnionType, XdrType } from '../../src/xdr/model.js';

const UNBOUNDED = 0xffffffff;

export function outline(specification: Specification): string {
  const lines: string[] = [];
  for (const [name, value] of specification.constants) {
    lines.push(`const ${name} = ${typeof value === 'string' ? JSON.stringify(value) : value}`);
  }
  for (const definition of specification.types.values()) lines.push(...definitionLines(definition));
  for (const program of specification.programs) {
    lines.push(`${hints(program.hints)}program ${program.name} = ${program.number}`);
    for (const version of program.versions) {
      lines.push(`  ${hints(version.hints)}version ${version.name} = ${version.number}`);
      for (const procedure of version.procedures) {
        const list = procedure.arguments.map((a) => `${hints(a.hints)}${a.name ? `${a.name}: ` : ''}${inline(a.type)}`);
        const head = `${hints(procedure.hints)}${procedure.name} = ${procedure.number}`;
        lines.push(`    ${head}: (${list.join(', ')}) -> ${inline(procedure.result)}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

function definitionLines({ name, type, hints: directives }: TypeDefinition): string[] {
  return [`${hints(directives)}type ${name} = ${inline(type)}`, ...body(type, '  ')];
}

function inline(type: XdrType): string {
  switch (type.kind) {
    case 'string':
      return `string${bound(type.max)}`;
    case 'opaqueFixed':
      return `opaque[${type.length}]`;
    case 'opaqueVariable':
      return `opaque${bound(type.max)}`;
    case 'arrayFixed':
      return `${inline(type.element)}[${type.length}]`;
    case 'arrayVariable':
      return `${inline(type.element)}${bound(type.max)}`;
    case 'optional':
      return `optional(${inline(type.element)})`;
    case 'named':
      return `@${type.definition.name}`;
    case 'union':
      return `union by ${type.discriminant.name}: ${inline(type.discriminant.type)}`;
    default:
      return 'spelling' in type && type.spelling !== type.kind ? `${type.kind} "${type.spelling}"` : type.kind;
  }
}

function bound(max: number): string {
  return max === UNBOUNDED ? '<>' : `<${max}>`;
}

/** What a definition or an anonymous type holds, indented. */
function body(type: XdrType, indent: string): string[] {
  switch (type.kind) {
    case 'enum':
      return type.members.map((member) => `${indent}${hints(member.hints)}${member.name} = ${member.value}`);
    case 'struct':
      return type.fields.flatMap((field) => fieldLines(field, '', indent));
    case 'union':
      return unionLines(type, indent);
    case 'arrayFixed':
    case 'arrayVariable':
    case 'optional':
      return body(type.element, indent);
    default:
      return [];
  }
}

function unionLines(type: UnionType, indent: string): string[] {
  const lines = [...hintLines(type.discriminant, indent), ...body(type.discriminant.type, `${indent}  `)];
  for (const { values, field } of type.arms) lines.push(...fieldLines(field, `${values.join(', ')} => `, indent));
  if (type.defaultArm !== undefined) lines.push(...fieldLines(type.defaultArm, 'default => ', indent));
  return lines;
}

function hintLines({ name, hints: directives }: Field, indent: string): string[] {
  return directives.length > 0 ? [`${indent}${hints(directives)}${name}`] : [];
}

function fieldLines(field: Field | null, label: string, indent: string): string[] {
  if (!field) return [`${indent}${label}void`];
  const head = `${indent}${label}${hints(field.hints)}${field.name}: ${inline(field.type)}`;
  return [head, ...body(field.type, `${indent}  `)];
}

function hints(directives: Hint[]): string {
  const texts = directives.map(({ name, arguments: list }) =>
    [name, ...list.map(({ kind, text }) => (kind === 'string' ? JSON.stringify(text) : text))].join(' '),
  );
  return texts.length > 0 ? `[${texts.join('; ')}] ` : '';
}
