/**
 * Filters that ask for an operation of a compound as if it were a procedure: `procedure == LOOKUP` selects nothing of NFSv4, whose procedure
 * is COMPOUND. It is no error, because NFSv3's LOOKUP is a procedure; who selected nothing can be told.
 */
import { printField } from './print.js';
import type { Expression, Literal } from './syntax.js';
import type { Vocabulary } from './vocabulary.js';

const PROCEDURE = /^(procedure|rpc\.procedure|nfs\.procedure_v4)$/i;

/** The names of operations, in their own case, that a filter compares procedures with. */
export function operationsAsked(expression: Expression, vocabulary: Vocabulary): string[] {
  const words = asked(expression).map(({ text }) => text.toLowerCase());
  return words.length === 0 ? [] : [...vocabulary.operationNames].filter((name) => words.includes(name.toLowerCase()));
}

function asked(expression: Expression): Literal[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.operands.flatMap(asked);
    case 'comparison':
      return expression.comparator === '==' && PROCEDURE.test(printField(expression.field)) ? [expression.value] : [];
    case 'membership':
      return PROCEDURE.test(printField(expression.field)) ? expression.elements.map(({ low }) => low) : [];
    default:
      return [];
  }
}
