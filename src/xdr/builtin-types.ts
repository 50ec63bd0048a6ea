/**
 * The number types that a `.x` file may use without defining them: the words of RFC 4506 §4, and the C names that
 * rpcgen has routines for. On the wire all of them take four or eight bytes, whatever C makes of them: `char` and
 * `long` take four (rpcgen's xdr_char, xdr_long). A file's own definition of a name wins; the resolver sees to that.
 */
import type { Source, XdrType } from './model.js';

/** A type that is one number. */
type NumberType = Extract<XdrType, { spelling: string }>;
type NumberKind = NumberType['kind'];

const names = new Map<string, NumberKind>([
  ['bool', 'bool'],
  ['bool_t', 'bool'],
  ['boolean', 'bool'],
  ['uint', 'unsigned'],
  ['ushort', 'unsigned'],
  ['ulong', 'unsigned'],
  ['u_char', 'unsigned'],
  ['u_short', 'unsigned'],
  ['u_int', 'unsigned'],
  ['u_long', 'unsigned'],
  ['int8_t', 'int'],
  ['int16_t', 'int'],
  ['int32_t', 'int'],
  ['int64_t', 'hyper'],
  ['uint8_t', 'unsigned'],
  ['uint16_t', 'unsigned'],
  ['uint32_t', 'unsigned'],
  ['uint64_t', 'unsignedHyper'],
  ['u_int8_t', 'unsigned'],
  ['u_int16_t', 'unsigned'],
  ['u_int32_t', 'unsigned'],
  ['u_int64_t', 'unsignedHyper'],
  ['quad_t', 'hyper'],
  ['u_quad_t', 'unsignedHyper'],
  ['longlong_t', 'hyper'],
  ['u_longlong_t', 'unsignedHyper'],
  ['u_hyper', 'unsignedHyper'],
]);

const simple = new Map<string, NumberKind>([
  ['float', 'float'],
  ['double', 'double'],
  ['quadruple', 'quadruple'],
]);

/** The names that `builtinType` knows. */
export const builtinNames: Iterable<string> = [...names.keys()];

/** The number that rpcgen's C name stands for, or undefined. */
export function builtinType(name: string): NumberType | undefined {
  const kind = names.get(name);
  return kind && { kind, spelling: name };
}

/** The number that words of the language stand for (`unsigned long int`), or undefined when C has no such type. */
export function numberType(spelling: string): NumberType | undefined {
  const kind = simple.get(spelling) ?? integerKind(spelling.split(' '));
  return kind && { kind, spelling };
}

function integerKind(words: string[]): NumberKind | undefined {
  const count = (word: string) => words.filter((each) => each === word).length;
  const sizes = count('hyper') + count('short') + count('char') + Math.min(1, count('long'));
  const signs = count('unsigned') + count('signed');
  if (sizes > 1 || signs > 1 || count('int') > 1 || count('long') > 2) return undefined;
  if (count('char') + count('int') > 1) return undefined;
  const isWide = count('hyper') === 1 || count('long') === 2;
  if (count('unsigned') === 1) return isWide ? 'unsignedHyper' : 'unsigned';
  return isWide ? 'hyper' : 'int';
}

/** Names that files for rpcgen use from the C library's headers, for files that do not define them. */
export const libraryTypes: Source = {
  name: 'rpc/rpc.h',
  text: `
    typedef unsigned int rpcprog_t;
    typedef unsigned int rpcvers_t;
    typedef unsigned int rpcproc_t;
    typedef unsigned int rpcprot_t;
    typedef unsigned int rpcport_t;
    typedef opaque des_block[8];
    typedef opaque netobj<1024>;
    struct netbuf { unsigned int maxlen; opaque buf<>; };
    const MAXNETNAMELEN = 255;
    const MAX_NETOBJ_SZ = 1024;
    const MAX_AUTH_BYTES = 400;
  `,
};
