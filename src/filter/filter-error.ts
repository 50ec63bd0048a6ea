/** A mistake in a filter and its place: the only error that reading a filter throws. */
import type { Span } from './syntax.js';

/** The longest part of a filter that is shown with a caret. */
const SHOWN = 100;

export class FilterError extends Error {
  /** @param reason What is wrong, without the place. */
  constructor(
    readonly reason: string,
    readonly span: Span,
    readonly text: string,
  ) {
    super(`filter: ${reason}\n${underline(text, span)}`);
  }
}

/** The filter as one line, and a line with carets below the span. */
function underline(text: string, span: Span): string {
  const from = Math.max(0, Math.min(span.start, text.length) - SHOWN / 2);
  const line = text.slice(from, from + SHOWN).replaceAll(/[\s\p{Cc}]/gu, ' ');
  const start = span.start - from;
  const length = Math.max(1, Math.min(span.end - span.start, line.length - start));
  return `  ${line}\n  ${' '.repeat(start)}${'^'.repeat(length)}`;
}
