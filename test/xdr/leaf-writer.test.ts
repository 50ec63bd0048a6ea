/** Leaf writers write what `writeText` does, the first time and when they remember. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { leafWriter } from '../../src/xdr/leaf-writer.js';
import { parseXdr } from '../../src/xdr/parse-xdr.js';
import type { Plan } from '../../src/xdr/plan.js';
import { isUnset, writeText } from '../../src/xdr/text.js';

const DEFINITION = `
  enum color { RED = 0, GREEN = 1, BLUE = -1 };
  enum bits { READ = 1, WRITE = 2, EXECUTE = 4 };
  struct leaves {
    color an_enum;
    bool a_bool;
    int an_int;
    unsigned int an_unsigned;
    /*@ show octal */ unsigned int a_mode;
    /*@ show hex */ unsigned int a_hex;
    /*@ show flags bits */ unsigned int some_flags;
    /*@ unset 4294967295 */ unsigned int perhaps;
    hyper a_hyper;
    unsigned hyper an_unsigned_hyper;
    string a_string<8>;
    /*@ handle */ opaque a_handle<8>;
    opaque an_opaque<8>;
    opaque fixed[4];
  };`;

const FORMATS = ['', 'hex', 'octal', 'flag', 'size', 'handle', 'count', 'program'];
const context = { programs: (number: number) => (number === 1 ? 'ONE' : undefined) };

const { specification, diagnostics } = parseXdr({ name: 'leaves.x', text: DEFINITION });
const plan = new PlanBuilder(specification).typePlan('leaves') as Plan & { kind: 'struct' };

test('the definition is good', () => {
  expect(diagnostics).toEqual([]);
  expect(plan.fields).toHaveLength(14);
});

/** A length prefix of at most 8, or any word, and eight bytes behind it. */
const words = fc.oneof(fc.nat(8), fc.constant(0xffffffff), fc.nat(0xffffffff));

test.each(plan.fields.flatMap((field) => FORMATS.map((format) => [field.name, format, field.plan] as const)))(
  '%s as "%s"',
  (name, format, leaf) => {
    const hasLength = leaf.kind === 'string' || (leaf.kind === 'opaque' && leaf.length < 0);
    const write = leafWriter(leaf, format, name);
    const read = (action: (out: ByteWriter, at: number) => void): string => {
      const out = new ByteWriter(4);
      action(out, 2);
      return out.toString();
    };
    fc.assert(
      fc.property(hasLength ? fc.nat(8) : words, fc.uint8Array({ minLength: 8, maxLength: 8 }), (word, rest) => {
        const bytes = new Uint8Array(14);
        new DataView(bytes.buffer).setUint32(2, word);
        bytes.set(rest, 6);
        const all = { ...context, bytes };
        const expected = read((out, at) => {
          if (!isUnset(leaf, bytes, at)) writeText(out, all, leaf, format, at, -1, name);
        });
        expect(read((out, at) => write(out, all, at, -1))).toBe(expected);
        expect(read((out, at) => write(out, all, at, -1))).toBe(expected);
      }),
    );
  },
);
