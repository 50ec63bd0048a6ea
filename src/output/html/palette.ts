/**
 * Colours of procedures: those with the most calls have their own (classes `s0` to `s5`), all others share the last.
 */
import type { StatisticsRow } from '../../analysis/statistics-row.js';
import { nameOf } from '../stats-columns.js';

const COLOURS = 6;

export class Palette {
  /** By colour. */
  readonly names: string[];
  private readonly colours: Map<StatisticsRow, number>;

  /** @param rows Procedures, those with the most calls first. */
  constructor(rows: readonly StatisticsRow[]) {
    const own = rows.slice(0, rows.length > COLOURS + 1 ? COLOURS : COLOURS + 1);
    this.colours = new Map(own.map((row, i) => [row, i]));
    this.names = own.map(nameOf);
    if (rows.length > own.length) this.names.push(`${rows.length - own.length} others`);
  }

  of(row: StatisticsRow): number {
    return this.colours.get(row.current) ?? this.names.length - 1;
  }
}
