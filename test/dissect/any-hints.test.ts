/**
 * A `.x` of random types that refer to each other, with random hints: it has errors, or serves for any message. A field
 * of almost every name is there, so that most paths of hints name something.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startCpuTime } from '../helpers/cpu-time.js';
import { useFully } from '../helpers/every-use.js';

const TYPES = ['t0', 't1', 't2', 't3', 't4', 'e'];
const FIELDS = ['a', 'b', 'c', 'd'];

const type = fc.constantFrom(...TYPES);
const field = fc.constantFrom(...FIELDS);
const path = fc
  .tuple(fc.constantFrom('', '', 'call.'), fc.array(field, { minLength: 1, maxLength: 3 }))
  .map(([root, names]) => root + names.join('.'));
const format = fc.constantFrom('', '', '|hex', '|octal', '|time', '|size', '|count', '|flag', '|address', '|handle');
const template = fc
  .array(fc.tuple(path, format), { minLength: 1, maxLength: 3 })
  .map((pieces) => `"{.} ${pieces.map(([name, how]) => `[{${name.replace('call.', '')}${how}}]`).join(' ')}"`);

/** Directives with operands in place of TYPE, PATH, FIELD, TEMPLATE. */
const ON_FIELDS =
  'is TYPE|is TYPE|is TYPE by FIELD|is TYPE by FIELD|bitmap TYPE|bitmap e|dictionary|handle|data|filename|path|user|identifier|varies|varies x local|unset 0|unset -1|unset ""|show hex|show octal|show time|show time nano|show duration micro|show address|show port|show enum e|show flags e|show text|show sockaddr|show mechanism|show stateid|body call program PATH version 1 procedure PATH|body reply program 1 version PATH procedure 2|payload FIELD|text TEMPLATE|status|error FIELD|later|later|terminated|notice|nonsense PATH'.split(
    '|',
  );
const ON_PROCEDURES =
  'root PATH PATH|link PATH PATH PATH|unlink PATH PATH|rename PATH PATH PATH PATH|entries PATH PATH FIELD FIELD|listing PATH PATH FIELD FIELD PATH|identity PATH PATH PATH|announce program PATH version 1 port PATH|announce each PATH program entry.FIELD version entry.FIELD|call TEMPLATE|reply TEMPLATE|operations FIELD FIELD|minor FIELD|subject FIELD|saved FIELD FIELD|silent'.split(
    '|',
  );

const operands: Record<string, fc.Arbitrary<string>> = { TYPE: type, PATH: path, FIELD: field, TEMPLATE: template };

function hints(directives: string[], most: number): fc.Arbitrary<string> {
  const directive = fc
    .constantFrom(...directives)
    .chain((text) => fc.tuple(...text.split(' ').map((word) => operands[word] ?? fc.constant(word))))
    .map((words) => words.join(' '));
  return fc
    .array(directive, { maxLength: most })
    .map((list) => (list.length === 0 ? '' : `/*@ ${list.join('; ')} */ `));
}

const leaf = fc.constantFrom('int', 'unsigned', 'hyper', 'unsigned hyper', 'bool', 'double');
const declaration = fc.oneof(
  fc.tuple(fc.oneof(type, leaf), fc.constantFrom('NAME', '*NAME', 'NAME<>', 'NAME<2>', 'NAME[2]')),
  fc.tuple(fc.constant('opaque'), fc.constantFrom('NAME<>', 'NAME<>', 'NAME<>', 'NAME[4]', 'NAME[12]')),
  fc.tuple(fc.constant('string'), fc.constantFrom('NAME<>', 'NAME<8>')),
);
const declared = (name: string) => declaration.map(([of, shape]) => `${of} ${shape.replace('NAME', name)}`);
const member = (name: string) => fc.tuple(hints(ON_FIELDS, 2), declared(name)).map((parts) => parts.join(''));
const members = fc.integer({ min: 0, max: 4 }).chain((count) => fc.tuple(...FIELDS.slice(0, count).map(member)));

function definition(name: string): fc.Arbitrary<string> {
  const body = fc.oneof(
    declared(name).map((text) => `typedef ${text};`),
    members.map((list) => `struct ${name} { ${list.map((each) => `${each};`).join(' ')} };`),
    fc.tuple(fc.constantFrom('int', 'unsigned', 'bool', 'e'), members).map(
      ([on, list]) =>
        `union ${name} switch (${on} d) { ${list
          .map((each, i) => `${i < 2 ? `case ${i}` : 'default'}: ${each};`)
          .slice(0, 3)
          .join(' ')}${list.length === 0 ? 'default: void;' : ''} };`,
    ),
  );
  return fc.tuple(hints(ON_FIELDS, 2), body).map((parts) => parts.join(''));
}

const procedure = (number: number) =>
  fc
    .tuple(hints(ON_PROCEDURES, 2), type, fc.array(type, { minLength: 1, maxLength: 2 }))
    .map(
      ([list, result, args]) =>
        `${list}${result} F${number}(${args.map((of, i) => `${of} ${FIELDS[i]}`)}) = ${number};`,
    );

const text = fc
  .tuple(fc.tuple(...TYPES.slice(0, -1).map(definition)), fc.tuple(procedure(1), procedure(2)))
  .map(
    ([types, procedures]) =>
      `enum e { E0 = 0, E1 = 1, E2 = 2 };\n${types.join('\n')}\nprogram P { version V {\n${procedures.join('\n')}\n} = 1; } = 0x20000001;`,
  );

/** Mostly small words: counts, lengths, booleans, discriminants. */
const message = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(0xffffffff) }), { maxLength: 24 })
  .map((list) => {
    const bytes = Buffer.alloc(4 * list.length);
    for (const [i, word] of list.entries()) bytes.writeUInt32BE(word, 4 * i);
    return bytes;
  });

test('any types with any hints', () => {
  let sound = 0;
  fc.assert(
    fc.property(text, fc.array(message, { maxLength: 4 }), (specification, messages) => {
      const cpuSeconds = startCpuTime();
      if (useFully(specification, messages).errors.length === 0) sound++;
      expect(cpuSeconds()).toBeLessThan(10);
    }),
    { numRuns: Number(process.env.HINT_RUNS ?? 300) },
  );
  expect(sound).toBeGreaterThan(60);
}, 120_000);
