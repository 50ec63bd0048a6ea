/**
 * The C text beside rpcgen's own that prints what rpcgen's XDR routines decoded: one function a named type, walking the structs
 * that rpcgen declares (`{x_len, x_val}` for variable lengths, `NAME_u` for the arms of unions, pointers for optionals). The form
 * is that of leaves.ts. Inline types are refused: rpcgen does not know them.
 */
import type { Specification, StructType, TypeDefinition, UnionType, XdrType } from '../../src/xdr/model.js';

/** Renames what a file defines: the system's headers may have the same (`timeval`, `netobj`, `AUTH_NONE`, `rpcbproc_set_3`). */
export function renamingHeader({ types, programs }: Specification): string {
  const ofTypes = [...types.values()].flatMap(({ name, type }) => [
    name,
    `xdr_${name}`,
    ...(type.kind === 'enum' ? type.members.map((member) => member.name) : []),
  ]);
  const versions = programs.flatMap((program) => program.versions);
  const ofStubs = versions.flatMap(({ number, procedures }) =>
    procedures.map((procedure) => `${procedure.name.toLowerCase()}_${number}`).flatMap((name) => [name, `${name}_svc`]),
  );
  return [...ofTypes, ...ofStubs].map((name) => `#undef ${name}\n#define ${name} own_${name}\n`).join('');
}

/** The program: reads lines `INDEX HEX`, decodes a value of `roots[INDEX]`, prints how much it read and the value. */
export function printerProgram(header: string, specification: Specification, roots: readonly string[]): string {
  const definitions = [...specification.types.values()];
  const rows = roots.map((name) => `{ (xdrproc_t) xdr_${name}, sizeof(${name}), print_${name} },`);
  return [
    PROLOGUE.replace('HEADER', header),
    ...definitions.map(({ name }) => `static void print_${name}(void *p);`),
    ...definitions.map(printer),
    'static struct { xdrproc_t decode; size_t size; void (*print)(void *); } roots[] = {',
    ...rows,
    '};',
    EPILOGUE,
  ].join('\n');
}

function printer(definition: TypeDefinition): string {
  const { name, type } = definition;
  return [`static void print_${name}(void *p) {`, `${name} *v = p;`, ...definitionLines(definition, type), '}'].join(
    '\n',
  );
}

function definitionLines(definition: TypeDefinition, type: XdrType): string[] {
  const { name } = definition;
  switch (type.kind) {
    case 'enum':
      return [
        ...type.members.map((member) => `if (*v == ${member.name}) { printf("%s", "${member.name}"); return; }`),
        'printf("%d", (int) *v);',
      ];
    case 'struct':
      return isChain(definition) ? chainLines(type, name) : structLines(type, 'v');
    case 'union':
      return unionLines(type, name);
    default:
      return lines(type, '(*v)', name);
  }
}

function structLines({ fields }: StructType, pointer: string): string[] {
  const members = fields.flatMap((field, index) => [
    `printf("${index > 0 ? ',' : ''}%s=", "${field.name}");`,
    ...lines(field.type, `${pointer}->${field.name}`, field.name),
  ]);
  return ['printf("{");', ...members, 'printf("}");'];
}

/** A linked list: its elements without the pointers between them. */
function chainLines({ fields }: StructType, name: string): string[] {
  return [
    `printf("["); for (${name} *e = v; e; e = e->${fields.at(-1)!.name}) {`,
    'if (e != v) printf(",");',
    ...structLines({ kind: 'struct', fields: fields.slice(0, -1) }, 'e'),
    '} printf("]");',
  ];
}

function unionLines({ discriminant, arms, defaultArm }: UnionType, name: string): string[] {
  const arm = (field: (typeof arms)[number]['field']) => [
    ...(field
      ? [`printf(",%s=", "${field.name}");`, ...lines(field.type, `v->${name}_u.${field.name}`, field.name)]
      : []),
    'break;',
  ];
  return [
    `printf("{%s=", "${discriminant.name}");`,
    ...lines(discriminant.type, `v->${discriminant.name}`, discriminant.name),
    `switch (v->${discriminant.name}) {`,
    ...arms.flatMap(({ values, field }) => [...values.map((value) => `case ${value}:`), ...arm(field)]),
    ...(defaultArm === undefined ? [] : ['default:', ...arm(defaultArm)]),
    '} printf("}");',
  ];
}

/** Prints the C expression `value`; `name` is the field's or typedef's, which rpcgen makes further names of. */
function lines(type: XdrType, value: string, name: string): string[] {
  switch (type.kind) {
    case 'int':
    case 'hyper':
      return [`printf("%lld", (long long) ${value});`];
    case 'unsigned':
    case 'unsignedHyper':
      return [`printf("%llu", (unsigned long long) ${value});`];
    case 'bool':
      return [`printf("%s", ${value} ? "true" : "false");`];
    case 'float':
    case 'double':
      return [`print_${type.kind}_bits(${value});`];
    case 'string':
      return [`print_text(${value});`];
    case 'opaqueFixed':
      return [`print_hex(${value}, ${type.length});`];
    case 'opaqueVariable':
      return [`print_hex(${value}.${name}_val, ${value}.${name}_len);`];
    case 'arrayFixed':
      return arrayLines(type.element, `${value}`, String(type.length));
    case 'arrayVariable':
      return arrayLines(type.element, `${value}.${name}_val`, `${value}.${name}_len`);
    case 'optional':
      return optionalLines(type.element, value);
    case 'named':
      return [`print_${type.definition.name}(&${value});`];
    default:
      throw new Error(`rpcgen has no ${type.kind} in ${name}`);
  }
}

function arrayLines(element: XdrType, first: string, count: string): string[] {
  return [
    `printf("["); for (u_int i = 0; i < ${count}; i++) { if (i) printf(",");`,
    ...lines(element, `${first}[i]`, ''),
    '} printf("]");',
  ];
}

function optionalLines(element: XdrType, value: string): string[] {
  const chain = element.kind === 'named' ? structBehind(element.definition) : null;
  if (chain !== null && isChain(chain)) return [`if (${value}) print_${chain.name}(${value}); else printf("[]");`];
  return [`if (!${value}) printf("null"); else { printf("*");`, ...lines(element, `(*${value})`, ''), '}'];
}

/** A struct whose last member, of several, points to the next of its kind. */
function isChain(definition: TypeDefinition): boolean {
  const { fields } = definition.type as StructType;
  let last = fields.at(-1)?.type;
  while (last?.kind === 'named' && last.definition.type.kind !== 'struct') last = last.definition.type;
  if (fields.length < 2 || last?.kind !== 'optional' || last.element.kind !== 'named') return false;
  return structBehind(last.element.definition) === definition;
}

function structBehind(definition: TypeDefinition): TypeDefinition | null {
  let at = definition;
  while (at.type.kind === 'named') at = at.type.definition;
  return at.type.kind === 'struct' ? at : null;
}

const PROLOGUE = `#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "HEADER"

static void print_float_bits(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  if (isnan(f)) printf("NaN"); else printf("#%08x", bits);
}
static void print_double_bits(double d) {
  uint64_t bits;
  memcpy(&bits, &d, 8);
  if (isnan(d)) printf("NaN"); else printf("#%016llx", (unsigned long long) bits);
}
static void print_hex(char *bytes, u_int n) {
  printf("<");
  for (u_int at = 0; at < n; at++) printf("%02x", (unsigned char) bytes[at]);
  printf(">");
}
static void print_text(char *text) {
  printf("\\"");
  for (; text && *text; text++) {
    unsigned char c = *text;
    if (c >= 0x20 && c < 0x7f && c != 0x22 && c != 0x5c) putchar(c); else printf("\\\\%02x", c);
  }
  printf("\\"");
}`;

const EPILOGUE = `
static char line[1 << 20], bytes[1 << 19];

int main(void) {
  while (fgets(line, sizeof line, stdin)) {
    char *hex;
    long index = strtol(line, &hex, 10);
    u_int n = 0;
    unsigned byte;
    for (hex++; sscanf(hex, "%2x", &byte) == 1; hex += 2) bytes[n++] = byte;
    void *p = calloc(1, roots[index].size + 1);
    XDR xdrs;
    xdrmem_create(&xdrs, bytes, n, XDR_DECODE);
    if (roots[index].decode(&xdrs, p)) {
      printf("%u\\t", xdr_getpos(&xdrs));
      roots[index].print(p);
      printf("\\n");
    } else printf("-\\trefused\\n");
  }
  return 0;
}
`;
