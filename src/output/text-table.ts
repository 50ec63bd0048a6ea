/**
 * Tables of text: columns as wide as their contents, with two blanks between them. cli-table3 is not used
 * where there may be hundreds of rows, because its time is quadratic in them. Cells must be sanitized.
 */
import width from 'fast-string-width';
import type { Style } from '../terminal/style.js';

export interface TextColumn {
  /** A title may have several lines, separated by line breaks and aligned at the bottom. */
  title: string;
  isRight: boolean;
}

const GAP = '  ';

export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  heading: Style,
): string[] {
  const titles = columns.map(({ title }) => title.split('\n'));
  const height = Math.max(...titles.map((lines) => lines.length));
  const heads = Array.from({ length: height }, (_, line) =>
    titles.map((lines) => lines[line - height + lines.length] ?? ''),
  );
  const widths = columns.map((_, i) => [...heads, ...rows].reduce((most, row) => Math.max(most, width(row[i])), 0));
  const lineOf = (row: readonly string[]) => {
    const cells = row.map((text, i) => {
      const blanks = ' '.repeat(widths[i] - width(text));
      return columns[i].isRight ? blanks + text : text + blanks;
    });
    return cells.join(GAP).trimEnd();
  };
  return [...heads.map((row) => `${heading.open}${lineOf(row)}${heading.close}`), ...rows.map(lineOf)];
}
