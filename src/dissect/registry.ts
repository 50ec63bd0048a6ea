/**
 * Names of programs without a dissector: the numbers registered with IANA (RFC 5531 §8.4), from the table dissectors/programs.tsv. The table is
 * read when the first such program is asked for. Nothing but names is known of these programs, and that procedure 0 is NULL.
 */

/** A registered program: its short name, and what it is, '' where the table does not say. */
export interface RegisteredProgram {
  name: string;
  title: string;
}

export class ProgramRegistry {
  private programs: ReadonlyMap<number, RegisteredProgram> | null = null;

  /** @param readTable Gives the table's text; is called once at most. */
  constructor(private readonly readTable: () => string) {}

  find(program: number): RegisteredProgram | undefined {
    this.programs ??= parseRegistry(this.readTable());
    return this.programs.get(program);
  }
}

/** Parses lines `number TAB name [TAB title]`; lines that open with `#` are comments. */
export function parseRegistry(table: string): Map<number, RegisteredProgram> {
  const programs = new Map<number, RegisteredProgram>();
  for (const line of table.split('\n')) {
    const [number, name, title = ''] = line.split('\t');
    if (name !== undefined && !line.startsWith('#')) programs.set(Number(number), { name, title });
  }
  return programs;
}
