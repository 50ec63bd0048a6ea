/** fast-check arbitraries: specifications that a `.x` file can say, with recursion only where it may end. */
import fc from 'fast-check';
import type {
  Field,
  Hint,
  ProcedureDefinition,
  ProgramDefinition,
  Span,
  Specification,
  TypeDefinition,
  XdrType,
} from '../../src/xdr/model.js';

const UNBOUNDED = 0xffffffff;
const span: Span = { source: { name: 'random.x', text: '' }, start: 0, end: 0 };
const oddNames = [
  '__proto__',
  'constructor',
  'version',
  'program',
  'type',
  'string',
  'default',
  'case',
  'enum',
  'void',
];

const size = fc.oneof(fc.nat(16), fc.constantFrom(0, 255, 0x7fffffff, UNBOUNDED));

const number: fc.Arbitrary<XdrType> = fc
  .constantFrom(
    ['int', 'int'] as const,
    ['int', 'short'] as const,
    ['int', 'int16_t'] as const,
    ['unsigned', 'unsigned'] as const,
    ['unsigned', 'unsigned long'] as const,
    ['unsigned', 'u_int'] as const,
    ['hyper', 'hyper'] as const,
    ['hyper', 'long long'] as const,
    ['unsignedHyper', 'unsigned hyper'] as const,
    ['unsignedHyper', 'uint64_t'] as const,
    ['float', 'float'] as const,
    ['double', 'double'] as const,
    ['quadruple', 'quadruple'] as const,
    ['bool', 'bool'] as const,
  )
  .map(([kind, spelling]) => ({ kind, spelling }));

const bytes: fc.Arbitrary<XdrType> = fc.oneof(
  size.map((max) => ({ kind: 'string' as const, max })),
  size.map((max) => ({ kind: 'opaqueVariable' as const, max })),
  size.map((length) => ({ kind: 'opaqueFixed' as const, length })),
);

const hint: fc.Arbitrary<Hint> = fc.record({
  name: fc.constantFrom('name', 'show', 'call'),
  arguments: fc.array(
    fc.oneof(
      fc.constantFrom('hex', 'a.b', '7').map((text) => ({ kind: 'word' as const, text, span })),
      fc.string({ maxLength: 8 }).map((text) => ({ kind: 'string' as const, text: text.replaceAll('*/', ''), span })),
    ),
    { maxLength: 2 },
  ),
  span: fc.constant(span),
});
const hints: fc.Arbitrary<Hint[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Hint[]>([]) },
  { weight: 1, arbitrary: fc.array(hint, { maxLength: 2 }) },
);

/** Names are made unique by their place, so that no two fields, members or constants share one. */
let counter = 0;
function fresh(prefix: string): string {
  const odd = oddNames[counter++ % (oddNames.length * 5)];
  return odd && prefix === 'field' ? odd : `${prefix}_${counter}`;
}

function fieldOf(type: XdrType, directives: Hint[]): Field {
  return { name: fresh('field'), type, hints: directives };
}

function unique(fields: Field[]): Field[] {
  const seen = new Set<string>();
  return fields.filter(({ name }) => !seen.has(name) && seen.add(name));
}

/** Any type that may stand in a declaration; `definitions` are what it may refer to. */
function typeTree(definitions: TypeDefinition[]): fc.Arbitrary<XdrType> {
  const named = fc.constantFrom(...definitions).map((definition) => ({ kind: 'named' as const, definition }));
  return fc.letrec<{ type: XdrType; element: XdrType; body: XdrType }>((tie) => ({
    type: fc.oneof(
      { depthSize: 'small' },
      number,
      bytes,
      enumType,
      optionalOf(fc.oneof(named, number)),
      listOf(fc.oneof(named, number, optionalOf(named))),
      { weight: 4, arbitrary: tie('body') },
      listOf(tie('body')),
      fc.tuple(number, fc.nat(4)).map(([element, length]) => ({ kind: 'arrayFixed' as const, element, length })),
    ),
    element: fc.oneof(named, number),
    body: fc.oneof({ depthSize: 'small' }, enumType, structOf(tie('type')), unionOf(tie('type'))),
  })).type;
}

function optionalOf(element: fc.Arbitrary<XdrType>): fc.Arbitrary<XdrType> {
  return element.map((each) => ({ kind: 'optional' as const, element: each }));
}

function listOf(element: fc.Arbitrary<XdrType>): fc.Arbitrary<XdrType> {
  return fc.tuple(element, size).map(([each, max]) => ({ kind: 'arrayVariable' as const, element: each, max }));
}

const enumType: fc.Arbitrary<XdrType> = fc
  .array(fc.tuple(fc.integer(), hints), { minLength: 1, maxLength: 4 })
  .map((members) => ({
    kind: 'enum' as const,
    members: members.map(([value, directives]) => ({ name: fresh('MEMBER'), value, hints: directives })),
  }));

/** An array in place of an optional, so that types that stand for each other have a count between. */
function withCount(type: XdrType): XdrType {
  return type.kind === 'optional' ? { kind: 'arrayVariable', element: type.element, max: UNBOUNDED } : type;
}

function structOf(type: fc.Arbitrary<XdrType>): fc.Arbitrary<XdrType> {
  return fc
    .array(fc.tuple(type, hints), { maxLength: 5 })
    .map((fields) => ({ kind: 'struct' as const, fields: unique(fields.map(([each, list]) => fieldOf(each, list))) }));
}

function unionOf(type: fc.Arbitrary<XdrType>): fc.Arbitrary<XdrType> {
  const arm = fc.option(fc.tuple(type, hints));
  const arms = fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), arm), { minLength: 1, maxLength: 4 });
  return fc.tuple(arms, fc.option(arm, { nil: undefined })).map(([list, otherwise]) => {
    let value = -2;
    const toField = (each: [XdrType, Hint[]] | null) => {
      const field = each && fieldOf(...each);
      return field && { ...field, name: `arm_${counter}` };
    };
    const union: XdrType = {
      kind: 'union',
      discriminant: { name: fresh('switch'), type: { kind: 'int', spelling: 'int' }, hints: [] },
      arms: list.map(([count, each]) => ({
        values: Array.from({ length: count }, () => value++),
        field: toField(each),
      })),
    };
    if (otherwise !== undefined) union.defaultArm = toField(otherwise);
    return union;
  });
}

function procedureOf(type: fc.Arbitrary<XdrType>): fc.Arbitrary<ProcedureDefinition> {
  const simple = type.filter((each) => each.kind !== 'enum');
  return fc
    .tuple(fc.array(fc.tuple(simple, fc.boolean(), hints), { maxLength: 3 }), fc.option(simple), hints)
    .map(([list, result, directives]) => ({
      name: fresh('PROC'),
      number: counter,
      arguments: list.map(([each, isNamed, own]) => {
        const argument = { type: each, hints: own };
        return isNamed ? { name: fresh('argument'), ...argument } : argument;
      }),
      result: result ?? { kind: 'void' as const },
      hints: directives,
      span,
    }));
}

function programOf(type: fc.Arbitrary<XdrType>): fc.Arbitrary<ProgramDefinition> {
  const versions = fc.array(fc.tuple(hints, fc.array(procedureOf(type), { maxLength: 3 })), { maxLength: 2 });
  return fc.tuple(hints, versions).map(([directives, list]) => ({
    name: fresh('PROGRAM'),
    number: 0x20000000 + counter,
    hints: directives,
    versions: list.map(([own, procedures]) => ({
      name: fresh('VERSION'),
      number: counter,
      hints: own,
      span,
      procedures,
    })),
  }));
}

const constants = fc
  .array(fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), fc.constantFrom('', 'text')), { maxLength: 4 })
  .map((values) => new Map(values.map((value) => [fresh('CONST'), value])));

export const randomSpecification: fc.Arbitrary<Specification> = fc.integer({ min: 1, max: 6 }).chain((count) => {
  const definitions: TypeDefinition[] = Array.from({ length: count }, () => ({
    name: fresh('type'),
    type: { kind: 'void' },
    hints: [],
    span,
  }));
  const type = typeTree(definitions);
  return fc
    .tuple(
      constants,
      fc.array(fc.tuple(type, hints), { minLength: count, maxLength: count }),
      fc.array(programOf(type), { maxLength: 2 }),
    )
    .map(([values, types, programs]) => {
      for (const [index, definition] of definitions.entries()) {
        const [random, directives] = types[index];
        definition.type = withCount(random);
        definition.hints = directives;
      }
      const map = new Map(definitions.map((definition) => [definition.name, definition]));
      return { constants: values, types: map, programs };
    });
});
