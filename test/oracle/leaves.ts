/**
 * A decoded tree in the text that the oracle's C programs print: structs and unions `{name=value,…}`, arrays and lists `[…]`,
 * optionals `null` or `*value`, opaques `<hex>`, floats by their bits. Where C keeps less than the wire has, so does this text:
 * strings end at a NUL, `char` and `short` lose their upper bytes, all NaNs are one.
 */
import { enumText, type NumberPlan } from '../../src/xdr/plan.js';
import type { TreeNode } from '../../src/xdr/tree-node.js';

export function leavesText(node: TreeNode): string {
  const { plan, value, children } = node;
  switch (plan.kind) {
    case 'void':
      return 'void';
    case 'enum':
      return enumText(plan, value as number);
    case 'string':
      return stringText(value as Uint8Array);
    case 'opaque':
    case 'quadruple':
      return `<${Buffer.from(value as Uint8Array).toString('hex')}>`;
    case 'array':
    case 'list':
      return `[${children.map(leavesText).join(',')}]`;
    case 'optional':
      return value ? `*${leavesText(children[0])}` : 'null';
    case 'struct':
    case 'union':
      return `{${children.map((child) => `${child.name}=${leavesText(child)}`).join(',')}}`;
    case 'float':
    case 'double':
      return floatText(value as number, plan.kind);
    case 'int':
    case 'unsigned':
      return String(narrowed(plan, value as number));
    case 'bool':
    case 'hyper':
    case 'unsignedHyper':
      return String(value);
    default:
      throw new Error(`no text for ${plan.kind}: the oracle reads .x files without hints`);
  }
}

function narrowed({ kind, spelling }: NumberPlan, value: number): number {
  const size = /char|int8/.test(spelling) ? 8 : /short|int16/.test(spelling) ? 16 : 32;
  return Number(kind === 'int' ? BigInt.asIntN(size, BigInt(value)) : BigInt.asUintN(size, BigInt(value)));
}

function floatText(value: number, kind: 'float' | 'double'): string {
  if (Number.isNaN(value)) return 'NaN';
  const bytes = Buffer.alloc(kind === 'float' ? 4 : 8);
  if (kind === 'float') bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return `#${bytes.toString('hex')}`;
}

function stringText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const shown = end < 0 ? bytes : bytes.subarray(0, end);
  return `"${Array.from(shown, characterText).join('')}"`;
}

function characterText(byte: number): string {
  const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
  return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, '0')}`;
}
