/**
 * What a second opinion came to: how much was compared, and what differs. The figures stand in docs/correctness.md, each tool's between two
 * comments of its own; a test fails where they say something else than it has counted. UPDATE_GOLDENS=1 writes them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Known } from './known-differences.js';

const DOCUMENT = fileURLToPath(new URL('../../docs/correctness.md', import.meta.url));

/** Requires that the document says this between the comments of a name. */
export function expectSection(name: string, section: string): void {
  const [open, close] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  const text = readFileSync(DOCUMENT, 'utf8');
  const [from, to] = [text.indexOf(open) + open.length, text.indexOf(close)];
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(DOCUMENT, text.slice(0, from) + section + text.slice(to));
  else expect(text.slice(from, to)).toBe(section);
}

export class Tally {
  private readonly rows = new Map<string, { messages: number; compared: number; equal: number }>();

  constructor(private readonly known: readonly Known[]) {}

  /** Counts a message of a capture, named `program/name`, by the values that were compared and those that are equal. */
  add(capture: string, compared: number, equal: number): void {
    const program = capture.slice(0, capture.indexOf('/'));
    const row = this.rows.get(program) ?? { messages: 0, compared: 0, equal: 0 };
    row.messages++;
    row.compared += compared;
    row.equal += equal;
    this.rows.set(program, row);
  }

  /** Requires that the differences of a capture are those that are known. */
  check(capture: string, found: readonly string[]): void {
    const known = this.known.filter((each) => each.capture === capture);
    expect(found.filter((difference) => !known.some(({ pattern }) => pattern.test(difference)))).toEqual([]);
    for (const { pattern, count, reason } of known) {
      const matches = found.filter((difference) => pattern.test(difference)).length;
      expect({ reason, count: matches }).toEqual({ reason, count });
    }
  }

  /** Requires that the document says so below this name. */
  expectDocumented(name: string): void {
    expectSection(name, `\n${this.table()}\n${this.reasons()}`);
  }

  private table(): string {
    const total = { messages: 0, compared: 0, equal: 0 };
    const lines = [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, row] of lines) {
      for (const key of ['messages', 'compared', 'equal'] as const) total[key] += row[key];
    }
    const line = (name: string, { messages, compared, equal }: typeof total) =>
      `| ${name} | ${messages} | ${compared} | ${equal} | ${compared - equal} |\n`;
    return [
      '| captures | messages | values compared | equal | different |\n| --- | ---: | ---: | ---: | ---: |\n',
      ...lines.map(([name, row]) => line(name, row)),
      line('**all**', total),
    ].join('');
  }

  private reasons(): string {
    if (this.known.length === 0) return 'Nothing differs.\n\n';
    const rows = this.known.map(({ capture, count, reason }) => `| ${capture} | ${count} | ${reason} |\n`);
    return ['| capture | differences | why |\n| --- | ---: | --- |\n', ...rows, '\n'].join('');
  }
}
