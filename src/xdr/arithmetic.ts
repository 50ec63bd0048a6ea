/**
 * The operators of constant expressions on integers. Values stay within −2⁶³ … 2⁶⁴−1,
 * so that no expression can make numbers of unbounded length. An operation that leaves
 * that range, divides by zero or shifts too far gives the code of a diagnostic.
 */
import type { DiagnosticCode } from './diagnostics.js';

const MINIMUM = -(2n ** 63n);
const MAXIMUM = 2n ** 64n - 1n;

/** `value` when it fits, else the code of a diagnostic. */
export function bounded(value: bigint): bigint | DiagnosticCode {
  return value < MINIMUM || value > MAXIMUM ? 'constant-overflow' : value;
}

export function applyUnary(operator: string, value: bigint): bigint | DiagnosticCode {
  switch (operator) {
    case '-':
      return bounded(-value);
    case '~':
      return bounded(~value);
    case '!':
      return truth(value === 0n);
    default:
      return value;
  }
}

export function applyBinary(operator: string, left: bigint, right: bigint): bigint | DiagnosticCode {
  if ((operator === '/' || operator === '%') && right === 0n) return 'division-by-zero';
  if ((operator === '<<' || operator === '>>') && (right < 0n || right > 63n)) return 'bad-shift';
  return bounded(binary[operator](left, right));
}

const binary: Record<string, (left: bigint, right: bigint) => bigint> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  '<': (a, b) => truth(a < b),
  '>': (a, b) => truth(a > b),
  '<=': (a, b) => truth(a <= b),
  '>=': (a, b) => truth(a >= b),
  '&&': (a, b) => truth(a !== 0n && b !== 0n),
  '||': (a, b) => truth(a !== 0n || b !== 0n),
};

function truth(holds: boolean): bigint {
  return holds ? 1n : 0n;
}
