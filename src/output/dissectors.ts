/** The tables of `rpcdump dissectors`: all known programs, or those that a `.x` file defines. */
import Table from 'cli-table3';
import type { DissectorEntry } from '../dissect/library.js';
import { sanitize } from '../terminal/sanitize.js';
import { plural } from '../xdr/plural.js';
import { cutText } from './cut-text.js';
import type { FittedTableOptions } from './fitted-table.js';

/** Only blanks between columns. */
const BORDERS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, '']),
);

/** A table of the programs with totals below. */
export function dissectorTable(entries: readonly DissectorEntry[], { styles, columns }: FittedTableOptions): string {
  const { open, close } = styles.heading;
  const table = new Table({
    head: ['program', 'number', 'version', 'procedures', 'what it is'].map((title) => `${open}${title}${close}`),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
    colAligns: ['left', 'right', 'right', 'right', 'left'],
    chars: { ...BORDERS, middle: ' ' },
  });
  for (const entry of entries) {
    const { program, programNumber, version, procedures, title } = entry;
    table.push([program, programNumber, version, procedures, title]);
  }
  const programs = new Set(entries.map((entry) => entry.programNumber)).size;
  const procedures = entries.reduce((sum, entry) => sum + entry.procedures, 0);
  const lines = table.toString().replace(/ +$/gm, '').split('\n');
  const text = lines.map((line) => cutText(line, columns ?? Number.POSITIVE_INFINITY)).join('\n');
  const totals = [plural(programs, 'program'), plural(entries.length, 'version'), plural(procedures, 'procedure')];
  return `${text}\n${totals.join(', ')}\n`;
}

/** One JSON object per line, safe for a terminal: schemas/dissectors.schema.json. */
export function dissectorRecords(entries: readonly DissectorEntry[]): string {
  return entries
    .map(({ program, programNumber, version, procedures, file }) =>
      JSON.stringify({ program, program_number: programNumber, version, procedures, file }),
    )
    .map((line) => `${sanitize(line)}\n`)
    .join('');
}
