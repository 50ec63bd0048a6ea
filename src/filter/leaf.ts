/** Tests values of a body in place, each by the test for its kind. Kinds are those of the field index. */
import { read32, readInt32 } from '../xdr/bytes.js';
import { endOfText, enumText, leastSize, type Plan, setBits } from '../xdr/plan.js';
import type { Tests } from './field.js';

/** Tests the value of a plan at `bytes[at]`, where its length prefix begins; all of the value must be there. */
export function testLeaf(plan: Plan, bytes: Uint8Array, at: number, tests: Tests): boolean {
  switch (plan.kind) {
    case 'int':
    case 'unsigned': {
      const value = plan.kind === 'int' ? readInt32(bytes, at) : read32(bytes, at);
      const names = plan.status?.names ?? (plan.display?.kind === 'enum' ? plan.display.names : undefined);
      if (names !== undefined) return tests.name(names.get(value) ?? String(value), value);
      return plan.kind === 'int' ? tests.number(value, 'int') : tests.number(value);
    }
    case 'enum': {
      const value = readInt32(bytes, at);
      return tests.name(enumText(plan, value), value);
    }
    case 'bool':
      return tests.boolean(read32(bytes, at) === 1);
    case 'hyper':
    case 'float':
      return tests.number(wideNumber(plan.kind, bytes, at), plan.kind);
    case 'unsignedHyper':
    case 'double':
      return tests.number(wideNumber(plan.kind, bytes, at));
    case 'string':
      return tests.string(bytes.subarray(at + 4, endOfText(plan, bytes, at + 4, at + 4 + read32(bytes, at))));
    case 'opaque':
      return tests.bytes(plan.length < 0 ? counted(bytes, at) : bytes.subarray(at, at + plan.length));
    case 'quadruple':
      return tests.bytes(bytes.subarray(at, at + 16));
    case 'bitmap':
      return setBits(bytes, at + 4, read32(bytes, at)).some((bit) =>
        tests.name(plan.names.get(bit) ?? String(bit), bit),
      );
    case 'struct':
      return tests.structure(plan.display?.kind === 'stateid' ? bytes.subarray(at, at + leastSize(plan)) : undefined);
    case 'void':
      return false;
    default:
      return tests.structure();
  }
}

function counted(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at + 4, at + 4 + read32(bytes, at));
}

function wideNumber(
  kind: 'hyper' | 'unsignedHyper' | 'float' | 'double',
  bytes: Uint8Array,
  at: number,
): number | bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, kind === 'float' ? 4 : 8);
  if (kind === 'float') return view.getFloat32(0);
  if (kind === 'double') return view.getFloat64(0);
  return kind === 'hyper' ? view.getBigInt64(0) : view.getBigUint64(0);
}
