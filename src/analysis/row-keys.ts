/**
 * Finds the statistics row of a call. All keys are known when the call comes, except
 * for the status, which the reply has. Calls with the same procedure and the same
 * values of `--by` get the same object, so a call allocates no key and no text.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { FileSubjects } from '../dissect/names/file-subjects.js';
import { MAX_STATISTICS_ROWS } from '../limits/analysis.js';
import type { Message } from '../rpc/message.js';
import { BY, type ByKey, type ByName } from './by.js';
import { CUT_OFF, keyText, type RowKey, type StatisticsRow, totalKey } from './statistics-row.js';

/** Size of the cache of recently used keys: some four times the files that are in use at a time. */
const RECENT = 4096;
/** Odd, so that the procedures of one file get different places. */
const SPREAD = 0x9e3779b1;
/** Microseconds in a second. */
const MICROSECONDS = 1_000_000;

/** A key with its row, once it has one. */
export interface KeyedRow {
  /** The first value of `--by`. */
  first: string | undefined;
  /** The number of the `ProcedureRows` that it belongs to. */
  of: number;
  row: StatisticsRow | null;
  /** Where the row's numbers are; valid while the table's count of condensations is `condensed`. */
  at: number;
  condensed: number;
  key: RowKey;
  text: string;
  /** A compound whose operation is not known. */
  lacksOperation: boolean;
  /** Keys that differ from this one in the operation, or in the status; made on first use. */
  byOperation: Map<string, KeyedRow> | null;
  byStatus: Map<string, KeyedRow> | null;
}

/** Rows of one procedure of one program's version, by the values of `--by` and the interval. */
interface ProcedureRows {
  number: number;
  rows: Map<string, KeyedRow>;
  /** The only key, where neither `--by` nor an interval tells rows apart. */
  plain: KeyedRow | null;
}

export class RowKeys {
  /** By the procedure's number. Procedures without a dissector are found by text. */
  private byProcedure: (ProcedureRows | undefined)[] = [];
  private readonly byText = new Map<string, ProcedureRows>();
  private known = 0;
  private numbers = 0;
  private readonly statusAt: number;
  /** False where the row depends on the status: then it is known only with the reply. */
  readonly isEarly: boolean;
  private readonly isPlain: boolean;

  private readonly by: readonly ByKey[];
  private readonly recent: (KeyedRow | undefined)[] = new Array(RECENT);

  /** @param isTotal Rows are not told apart by procedure and operation. */
  constructor(
    by: readonly ByName[],
    private readonly interval: number | undefined,
    private readonly subjects: FileSubjects | null,
    private readonly isTotal: boolean,
  ) {
    this.by = by.map((name) => BY[name]);
    this.statusAt = by.indexOf('status');
    this.isEarly = this.statusAt < 0;
    this.isPlain = by.length === 0 && interval === undefined;
  }

  /** The row of a call, whatever its operation and status. */
  of(dissection: Dissection): KeyedRow {
    const ofProcedure = this.procedureRows(dissection);
    const { plain } = ofProcedure;
    if (plain !== null) return plain;
    this.subjects?.read(dissection);
    const interval = this.intervalOf(dissection.message);
    const place = this.placeOf(dissection);
    const recent = this.recent[place];
    if (recent !== undefined && recent.of === ofProcedure.number && this.isRow(recent, dissection, interval))
      return recent;
    const keyed = this.find(ofProcedure, dissection, interval);
    this.recent[place] = keyed;
    return keyed;
  }

  /** Finds the row by the text of its values, and makes it on first use. */
  private find(ofProcedure: ProcedureRows, dissection: Dissection, interval: number | undefined): KeyedRow {
    const { rows } = ofProcedure;
    const text = this.textOf(dissection, interval);
    let known = rows.get(text);
    if (known === undefined) {
      // Exchanges in progress keep their own reference to their key.
      if (this.known >= MAX_STATISTICS_ROWS) this.forget();
      const values = this.by.map(({ value }) => value(dissection, this.subjects));
      const key = this.isTotal ? totalKey(values, interval) : keyOf(dissection, values, interval);
      const lacksOperation = !this.isTotal && (dissection.procedure?.operations ?? null) !== null;
      known = newKeyed(key, ofProcedure.number, lacksOperation);
      rows.set(text, known);
      this.known++;
      if (this.isPlain) ofProcedure.plain = known;
    }
    return known;
  }

  /** The likely place of a call's key in the cache. */
  private placeOf({ message, procedure }: Dissection): number {
    const { subjects, by, isTotal } = this;
    const number = subjects === null ? message.connection : subjects.number;
    const place = by.length > 1 ? number + 31 * message.connection : number;
    const id = isTotal || procedure === null ? 0 : procedure.id;
    return ((place + Math.imul(id, SPREAD)) >>> 0) % RECENT;
  }

  /**
   * True when a row of the procedure is that of the call. Equal values
   * are mostly the same string object, so comparing them costs little.
   */
  private isRow({ first, key }: KeyedRow, dissection: Dissection, interval: number | undefined): boolean {
    const { by, subjects } = this;
    if (by.length > 0 && by[0].value(dissection, subjects) !== first) return false;
    for (let i = 1; i < by.length; i++) if (by[i].value(dissection, subjects) !== key.by[i]) return false;
    return interval === undefined || key.interval === interval;
  }

  /** The row of one operation of a compound. */
  withOperation(keyed: KeyedRow, operation: string): KeyedRow {
    if (this.isTotal) return keyed;
    keyed.byOperation ??= new Map();
    return variant(keyed, keyed.byOperation, operation, () => ({ ...keyed.key, operation }));
  }

  /** The row of an exchange whose status is known. */
  withStatus(keyed: KeyedRow, status: string): KeyedRow {
    if (this.statusAt < 0) return keyed;
    keyed.byStatus ??= new Map();
    return variant(keyed, keyed.byStatus, status, () => {
      const by = keyed.key.by.map((value, i) => (i === this.statusAt ? status : value));
      return { ...keyed.key, by };
    });
  }

  /** A text for each combination of values. With a single value, as mostly, it is that value. */
  private textOf(dissection: Dissection, interval: number | undefined): string {
    const { by, subjects } = this;
    if (by.length === 0) return interval === undefined ? '' : String(interval);
    let text = by[0].value(dissection, subjects);
    if (by.length > 1) {
      // Values may have any characters: the length before each tells where it ends.
      text = `${text.length}\n${text}`;
      for (let i = 1; i < by.length; i++) {
        const value = by[i].value(dissection, subjects);
        text += `${value.length}\n${value}`;
      }
    }
    return interval === undefined ? text : `${text}\n${interval}`;
  }

  /**
   * The start of a call's interval, in seconds. Counted in microseconds,
   * so that intervals of tenths of a second begin exactly.
   */
  private intervalOf({ seconds, nanoseconds }: Message): number | undefined {
    if (this.interval === undefined) return undefined;
    const length = Math.round(this.interval * MICROSECONDS);
    const at = seconds * MICROSECONDS + Math.floor(nanoseconds / 1000);
    return (Math.floor(at / length) * length) / MICROSECONDS;
  }

  private procedureRows(dissection: Dissection): ProcedureRows {
    if (this.isTotal) return this.rowsOfText('');
    const { message, procedure } = dissection;
    if (procedure === null)
      return this.rowsOfText(`${message.program}\n${message.version}\n${procedureOf(dissection)}`);
    let known = this.byProcedure[procedure.id];
    if (known === undefined) {
      known = this.newRows();
      this.byProcedure[procedure.id] = known;
    }
    return known;
  }

  private rowsOfText(text: string): ProcedureRows {
    let known = this.byText.get(text);
    if (known === undefined) {
      known = this.newRows();
      this.byText.set(text, known);
      this.known++;
    }
    return known;
  }

  private newRows(): ProcedureRows {
    return { number: this.numbers++, rows: new Map(), plain: null };
  }

  private forget(): void {
    this.byProcedure = [];
    this.byText.clear();
    this.known = 0;
  }
}

function newKeyed(key: RowKey, of: number, lacksOperation: boolean): KeyedRow {
  const [first] = key.by;
  const text = keyText(key);
  return { first, of, row: null, at: -1, condensed: -1, key, text, lacksOperation, byOperation: null, byStatus: null };
}

/** A variant of a key. Their names come from the capture, so no more of them are kept than there may be rows. */
function variant({ of }: KeyedRow, variants: Map<string, KeyedRow>, name: string, key: () => RowKey): KeyedRow {
  let known = variants.get(name);
  if (known === undefined) {
    known = newKeyed(key(), of, false);
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
  return procedureName ?? (message.procedure < 0 ? CUT_OFF : String(message.procedure));
}
