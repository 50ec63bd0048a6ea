/** `compile`: decoders of types and procedures, what they say of wrong bytes, and errors of the text. */
import { describe, expect, test } from 'vitest';
import { compile, XdrFileError } from '../../src/index.js';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { call, opaque, words } from '../helpers/rpc-writer.js';

const TEXT = `
  enum colour { RED = 1, BLUE = 2 };
  struct point { int x; unsigned y; };
  struct all {
    hyper big; unsigned hyper bigger; double ratio; bool flag; colour shade;
    string name<>; opaque fixed[3]; opaque rest<8>; quadruple wide;
    point *maybe; point many<>; int pair[2];
  };
  union choice switch (colour tint) { case RED: int __proto__; case BLUE: void; };
  struct node { int constructor; node *next; };
  struct secret { /*@ data */ opaque bytes<>; /*@ identifier */ hyper id; };
  program SHAPES {
    version V1 {
      void NULL(void) = 0;
      point MOVE(point, int by) = 1;
    } = 1;
    version V2 { colour PAINT(choice) = 7; } = 2;
  } = 0x20000099;
`;

const shapes = compile(TEXT, 'shapes.x');

function decode(type: string, ...data: Uint8Array[]) {
  return shapes.types.get(type)!.decode(bytes(...data));
}

const whole = [
  words(0xffffffff, 0xfffffffe, 0xffffffff, 0xffffffff, 0x3ff80000, 0, 1, 2),
  opaque('h\u00e9'),
  bytes([1, 2, 3, 0]),
  opaque(new Uint8Array([9])),
  words(1, 2, 3, 4),
  words(1, 0xffffffff, 5),
  words(2, 1, 2, 3, 4),
  words(7, 8),
];

describe('values', () => {
  test('every kind of type', () => {
    expect(decode('all', ...whole)).toEqual({
      value: {
        big: -2n,
        bigger: 0xffffffffffffffffn,
        ratio: 1.5,
        flag: true,
        shade: 'BLUE',
        name: 'h\u00e9',
        fixed: new Uint8Array([1, 2, 3]),
        rest: new Uint8Array([9]),
        wide: new Uint8Array([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]),
        maybe: { x: -1, y: 5 },
        many: [
          { x: 1, y: 2 },
          { x: 3, y: 4 },
        ],
        pair: [7, 8],
      },
      fault: null,
      notes: [],
      next: bytes(...whole).length,
    });
  });

  test('opaques are copies', () => {
    const data = bytes(...whole);
    const { value } = shapes.types.get('all')!.decode(data);
    data.fill(0);
    expect((value as { fixed: Uint8Array }).fixed).toEqual(new Uint8Array([1, 2, 3]));
  });

  test('enums outside, strings that are not UTF-8, absent optionals, void', () => {
    expect(decode('colour', u32(9)).value).toBe('9');
    const changed = [...whole];
    changed[1] = opaque(new Uint8Array([0x61, 0xff]));
    changed[5] = words(0);
    expect(decode('all', ...changed).value).toMatchObject({ name: 'a\ufffd', maybe: null });
    expect(shapes.programs[0].procedure('NULL')!.result.decode(new Uint8Array(0))).toMatchObject({
      value: undefined,
      fault: null,
    });
  });

  test('hostile names are own properties', () => {
    const { value } = decode('choice', words(1, 42));
    expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).toBe(42);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(['tint', '__proto__']);
    const list = decode('node', words(5, 1, 6, 0)).value as object[];
    expect(list.map((each) => Object.entries(each))).toEqual([[['constructor', 5]], [['constructor', 6]]]);
    expect(decode('choice', words(2)).value).toEqual({ tint: 'BLUE' });
  });
});

describe('bytes that are wrong', () => {
  test('are decoded up to the fault', () => {
    expect(decode('point', words(1), bytes([0, 0]))).toEqual({
      value: { x: 1 },
      fault: { kind: 'malformed', offset: 4, path: 'point.y', reason: 'needs 4 bytes, only 2 left' },
      notes: [],
      next: 4,
    });
    expect(decode('point')).toMatchObject({ value: undefined, fault: { offset: 0 } });
    expect(decode('choice', words(3))).toMatchObject({ value: { tint: '3' }, fault: { path: 'choice.tint' } });
  });

  test('may be followed by others', () => {
    expect(decode('point', words(1, 2, 3))).toMatchObject({ value: { x: 1, y: 2 }, fault: null, next: 8 });
    expect(decode('point', words(1, 2, 3)).notes).toEqual(['point: 4 bytes follow the last field']);
  });
});

test('JSON text and trees', () => {
  const secret = shapes.types.get('secret')!;
  const data = bytes(opaque('ab'), words(0x20, 1));
  expect(secret.toJson(data)).toBe('{"bytes_length":2,"id":"137438953473"}');
  expect(secret.toJson(data, { payload: true })).toBe('{"bytes_length":2,"bytes":"6162","id":"137438953473"}');
  expect(shapes.types.get('all')!.toJson(bytes(...whole), { int64: 'string' })).toContain('{"big":"-2","bigger":"1844');
  expect(shapes.types.get('point')!.toJson(words(1))).toBe('{"x":1}');
  expect(shapes.types.get('point')!.toJson(bytes())).toBe('null');
  const { root, fault } = shapes.types.get('point')!.tree(words(1, 2));
  expect(fault).toBeNull();
  expect(root).toMatchObject({ name: 'point', offset: 0, length: 8 });
  expect(root?.children.map(({ name, offset, value }) => [name, offset, value])).toEqual([
    ['x', 0, 1],
    ['y', 4, 2],
  ]);
});

describe('programs', () => {
  test('one for each version', () => {
    expect(shapes.programs.map(({ name, number, version }) => [name, number, version])).toEqual([
      ['SHAPES', 0x20000099, 1],
      ['SHAPES', 0x20000099, 2],
    ]);
    expect(shapes.programs[0].procedures.map(({ name, number }) => [name, number])).toEqual([
      ['NULL', 0],
      ['MOVE', 1],
    ]);
  });

  test('arguments and results', () => {
    const move = shapes.programs[0].procedure(1)!;
    expect(move).toBe(shapes.programs[0].procedure('MOVE'));
    expect(move.arguments.decode(words(1, 2, 3)).value).toEqual({ arg1: { x: 1, y: 2 }, by: 3 });
    expect(move.result.decode(words(1)).fault?.path).toBe('result.y');
    expect(shapes.programs[1].procedure('PAINT')!.result.decode(words(1)).value).toBe('RED');
    expect(shapes.programs[1].procedure('MOVE')).toBeUndefined();
  });

  test('arguments of a whole message', () => {
    const message = call({ args: words(4, 5, 6) });
    const { value } = shapes.programs[0].procedure('MOVE')!.arguments.decode(message.subarray(-12));
    expect(value).toEqual({ arg1: { x: 4, y: 5 }, by: 6 });
  });
});

describe('the text', () => {
  test('errors are rendered, all of them', () => {
    const wrong = () => compile('struct a { foo x; bar y; };', 'wrong.x');
    expect(wrong).toThrow(XdrFileError);
    expect(wrong).toThrow("wrong.x:1:12: error: unknown type 'foo'");
    expect(wrong).toThrow("wrong.x:1:19: error: unknown type 'bar'");
    expect(() => compile('struct a { foo x; };')).toThrow('input.x:1:12');
  });

  test('includes are refused', () => {
    const { warnings } = compile('#include "/etc/passwd"\nstruct a { int x; };');
    expect(warnings).toEqual([expect.stringContaining('this file may not include others')]);
    expect(() => compile('#include "other.x"\nstruct a { other x; };')).toThrow(
      "'other.x' cannot be included: this file may not include others",
    );
  });

  test('warnings, names of types, unknown types', () => {
    const compiled = compile('#frobnicate\nstruct b { int x; }; typedef b a;', 'w.x');
    expect(compiled.warnings).toEqual([expect.stringContaining("w.x:1:1: warning: the directive '#frobnicate'")]);
    expect(compiled.types.names).toEqual(['b', 'a']);
    expect(compiled.types.get('c')).toBeUndefined();
    expect(compiled.types.get('__proto__')).toBeUndefined();
    expect(compiled.types.get('a')).toBe(compiled.types.get('a'));
  });

  test('warnings about hints', () => {
    const { warnings } = compile('struct a { /*@ show time */ string x<>; /*@ nothing */ int y; };', 'w.x');
    expect(warnings).toEqual([
      expect.stringContaining("w.x:1:16: warning: the hint 'show' does not fit here"),
      expect.stringContaining("w.x:1:45: warning: unknown hint 'nothing'"),
    ]);
  });
});

describe('bodies inside opaques are those of the same text', () => {
  const relay = compile(`
    struct forwarded {
      unsigned program; unsigned version; unsigned procedure;
      /*@ body call program program version version procedure procedure */ opaque body<>;
    };
    struct answer { /*@ body reply program 7 version 1 procedure 2 */ opaque body<>; };
    struct unrelated { /*@ body reply program call.program version 1 procedure 2 */ opaque body<>; };
    program RELAY { version V1 { string ECHO(int) = 2; } = 1; version V3 { int DOUBLE(int) = 1; } = 3; } = 7;
  `);
  test.each<[string, Uint8Array, string, string | undefined]>([
    ['forwarded', words(7, 1, 2, 4, 99), '{"program":7,"version":1,"procedure":2,"body":{"arg1":99}}', undefined],
    ['forwarded', words(7, 3, 1, 4, 98), '{"program":7,"version":3,"procedure":1,"body":{"arg1":98}}', undefined],
    ['answer', bytes(words(8), opaque('hi')), '{"body":"hi"}', undefined],
    [
      'forwarded',
      words(7, 3, 2, 4, 99),
      '{"program":7,"version":3,"procedure":2,"body":"00000063"}',
      'unknown_procedure',
    ],
    [
      'forwarded',
      words(7, 2, 2, 4, 99),
      '{"program":7,"version":2,"procedure":2,"body":"00000063"}',
      'unknown_version',
    ],
    [
      'forwarded',
      words(8, 1, 2, 4, 99),
      '{"program":8,"version":1,"procedure":2,"body":"00000063"}',
      'unknown_program',
    ],
    ['unrelated', words(4, 99), '{"body":"00000063"}', 'no_call'],
  ])('%s %j', (type, data, json, reason) => {
    const decoder = relay.types.get(type)!;
    expect([decoder.toJson(data), decoder.tree(data).undecoded?.reason]).toEqual([json, reason]);
  });
});
