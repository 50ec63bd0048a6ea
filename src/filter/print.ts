/**
 * Prints a syntax tree as text that parses to the same tree, with
 * one spelling for each operator and as few parentheses as possible.
 */
import type { Element, Expression, FieldReference, Literal, Slice } from './syntax.js';

/** The filter's text. */
export function printFilter(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.operands.map((operand) => printOperand(operand, expression.kind)).join(` ${expression.kind} `);
    case 'not':
      return `not ${printOperand(expression.operand, 'not')}`;
    case 'presence':
      return printField(expression.field);
    case 'comparison':
      return `${printQuantifier(expression.quantifier)}${printField(expression.field)} ${expression.comparator} ${printLiteral(expression.value)}`;
    case 'membership':
      return `${printQuantifier(expression.quantifier)}${printField(expression.field)} in {${expression.elements.map(printElement).join(', ')}}`;
  }
}

function printOperand(operand: Expression, around: 'and' | 'or' | 'not'): string {
  const text = printFilter(operand);
  const binds = operand.kind !== 'or' && operand.kind !== 'and';
  return binds || (around === 'or' && operand.kind === 'and') ? text : `(${text})`;
}

function printQuantifier(quantifier: string | null): string {
  return quantifier === null ? '' : `${quantifier} `;
}

/** A field's path as it is written in filters. */
export function printField({ steps, slices }: FieldReference): string {
  const path = steps.map((step, index) => {
    if (step.kind === 'index') return `[${step.index}]`;
    return step.kind === 'anywhere' ? `..${step.name}` : index === 0 ? step.name : `.${step.name}`;
  });
  return path.join('') + (slices === null ? '' : `[${slices.map(printSlice).join(',')}]`);
}

function printSlice({ from, length }: Slice): string {
  return `${from}:${length ?? ''}`;
}

function printElement({ low, high }: Element): string {
  return high === null ? printLiteral(low) : `${printLiteral(low)} .. ${printLiteral(high)}`;
}

function printLiteral(literal: Literal): string {
  if (literal.kind === 'word') return literal.text;
  const bytes = [...literal.bytes].map((byte) =>
    byte === 0x22 || byte === 0x5c
      ? `\\${String.fromCharCode(byte)}`
      : byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `"${bytes.join('')}"`;
}
