/**
 * The rows that exchanges belong to: known when the call comes, but for the status, which its reply tells. Of the same procedure and the
 * same values of `--by` the same object is given, so that a call makes no key and no text.
 */
import type { Dissection } from '../dissect/dissector.js';
import type { FileSubjects } from '../dissect/names/file-subjects.js';
import { MAX_STATISTICS_ROWS } from '../limits.js';
import { BY, type ByKey, type ByName } from './by.js';
import { keyText, type RowKey, type StatisticsRow, totalKey } from './statistics-row.js';

/** A key with its row, once it has one. */
export interface KeyedRow {
  key: RowKey;
  text: string;
  row: StatisticsRow | null;
  /** Rows that differ from it in the operation, or in the status; made when they are first asked for. */
  byOperation: Map<string, KeyedRow> | null;
  byStatus: Map<string, KeyedRow> | null;
}

/** Rows of one procedure of one program, by the values of `--by` and the interval. */
interface ProcedureRows {
  program: number;
  version: number;
  rows: Map<string, KeyedRow>;
  /** The only one, where nothing else tells rows apart. */
  plain: KeyedRow | null;
}

export class RowKeys {
  /** By the procedure's number; those without a dissector, or of several programs, by their text. */
  private byProcedure: (ProcedureRows | undefined)[] = [];
  private readonly byText = new Map<string, ProcedureRows>();
  private known = 0;
  private readonly statusAt: number;
  private readonly isPlain: boolean;

  private readonly by: readonly ByKey[];

  /** @param isTotal Procedures and operations make no difference. */
  constructor(
    by: readonly ByName[],
    private readonly interval: number | undefined,
    private readonly subjects: FileSubjects | null,
    private readonly isTotal: boolean,
  ) {
    this.by = by.map((name) => BY[name]);
    this.statusAt = by.indexOf('status');
    this.isPlain = by.length === 0 && interval === undefined;
  }

  /** The row of a call, whatever its operation and status. */
  of(dissection: Dissection): KeyedRow {
    const ofProcedure = this.procedureRows(dissection);
    const { rows, plain } = ofProcedure;
    if (plain !== null) return plain;
    this.subjects?.read(dissection);
    const interval = this.intervalOf(dissection.message.seconds);
    const text = this.textOf(dissection, interval);
    let known = rows.get(text);
    if (known === undefined) {
      // Those that are waited for stay with who holds them.
      if (this.known >= MAX_STATISTICS_ROWS) this.forget();
      const values = this.by.map(({ value }) => value(dissection, this.subjects));
      known = newKeyed(this.isTotal ? totalKey(values, interval) : keyOf(dissection, values, interval));
      rows.set(text, known);
      this.known++;
      if (this.isPlain) ofProcedure.plain = known;
    }
    return known;
  }

  /** The row of one operation of a compound. */
  withOperation(keyed: KeyedRow, operation: string): KeyedRow {
    if (this.isTotal) return keyed;
    keyed.byOperation ??= new Map();
    return variant(keyed.byOperation, operation, () => ({ ...keyed.key, operation }));
  }

  /** The row of an exchange whose status is known. */
  withStatus(keyed: KeyedRow, status: string): KeyedRow {
    if (this.statusAt < 0) return keyed;
    keyed.byStatus ??= new Map();
    return variant(keyed.byStatus, status, () => {
      const by = keyed.key.by.map((value, i) => (i === this.statusAt ? status : value));
      return { ...keyed.key, by };
    });
  }

  /** A text for each combination of values: mostly there is one of them, and it is that. */
  private textOf(dissection: Dissection, interval: number | undefined): string {
    const { by, subjects } = this;
    if (by.length === 0) return interval === undefined ? '' : String(interval);
    let text = by[0].value(dissection, subjects);
    // With its length no value can look like two.
    for (let i = 1; i < by.length; i++) text += `\n${text.length}\n${by[i].value(dissection, subjects)}`;
    return interval === undefined ? text : `${text}\n${interval}`;
  }

  private intervalOf(seconds: number): number | undefined {
    return this.interval === undefined ? undefined : Math.floor(seconds / this.interval) * this.interval;
  }

  private procedureRows(dissection: Dissection): ProcedureRows {
    if (this.isTotal) return this.rowsOfText('', -1, -1);
    const { message, procedure } = dissection;
    const { program, version } = message;
    if (procedure !== null) {
      const known = this.byProcedure[procedure.id];
      if (known === undefined) {
        const added = newRows(program, version);
        this.byProcedure[procedure.id] = added;
        return added;
      }
      if (known.program === program && known.version === version) return known;
    }
    // Control procedures of RPCSEC_GSS and those of callbacks are the same objects for all programs.
    return this.rowsOfText(`${program}\n${version}\n${procedureOf(dissection)}`, program, version);
  }

  private rowsOfText(text: string, program: number, version: number): ProcedureRows {
    let known = this.byText.get(text);
    if (known === undefined) {
      known = newRows(program, version);
      this.byText.set(text, known);
      this.known++;
    }
    return known;
  }

  private forget(): void {
    this.byProcedure = [];
    this.byText.clear();
    this.known = 0;
  }
}

function newRows(program: number, version: number): ProcedureRows {
  return { program, version, rows: new Map(), plain: null };
}

function newKeyed(key: RowKey): KeyedRow {
  return { key, text: keyText(key), row: null, byOperation: null, byStatus: null };
}

/** The row of a name that the capture chose: no more of them are kept than there are rows. */
function variant(variants: Map<string, KeyedRow>, name: string, key: () => RowKey): KeyedRow {
  let known = variants.get(name);
  if (known === undefined) {
    known = newKeyed(key());
    if (variants.size < MAX_STATISTICS_ROWS) variants.set(name, known);
  }
  return known;
}

function keyOf(dissection: Dissection, by: readonly string[], interval: number | undefined): RowKey {
  const { message, programName } = dissection;
  const { program: programNumber, version } = message;
  const procedure = procedureOf(dissection);
  return { program: programName, programNumber, version, procedure, operation: undefined, by, interval };
}

function procedureOf({ message, procedureName }: Dissection): string {
  return procedureName ?? String(message.procedure);
}
