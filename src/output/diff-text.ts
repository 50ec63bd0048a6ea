/**
 * Findings of a comparison as text: first the first difference, under its own
 * heading, then each exchange that is missing, extra, changed or out of order,
 * with its changed fields; at the end the counts, and the paths that changed most.
 */
import type { Diff } from '../analysis/diff/diff.js';
import type { FieldDifference } from '../analysis/diff/differences.js';
import type { ComparedExchange } from '../analysis/diff/exchange.js';
import type { LeafValue } from '../analysis/diff/field.js';
import type { Finding } from '../analysis/diff/findings.js';
import type { Named } from '../analysis/diff/recent-pairs.js';
import { MAX_DIFF_PATHS } from '../limits/diff.js';
import { sanitize } from '../terminal/sanitize.js';
import type { Style, StyleName, Styles } from '../terminal/style.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { grouped, plural } from '../xdr/plural.js';
import { cutText } from './cut-text.js';
import { fieldText } from './diff-values.js';

const STYLES: Record<Finding['kind'], StyleName> = {
  missing: 'error',
  extra: 'reply',
  changed: 'warning',
  order: 'call',
};
const KIND_WIDTH = 'changed'.length;
const FRAME_WIDTH = 9;
const INDENT = '    ';
const PLAIN: Style = { open: '', close: '' };
/** Cells that the rest of a line has at least, however narrow the terminal is. */
const LEAST_ROOM = 20;
/** With more changed exchanges than this, the paths that changed most are listed. */
const MANY = 3;
const SHOWN_PATHS = 5;

export interface DiffTextOptions {
  styles: Styles;
  /** Cells of the terminal; null: unlimited. */
  columns: number | null;
  programs: (number: number) => string | undefined;
}

export class DiffText {
  private count = 0;
  /** In how many exchanges a field changed, by its path without indexes. */
  private readonly paths = new Map<string, number>();

  constructor(
    private readonly out: ByteWriter,
    private readonly options: DiffTextOptions,
  ) {}

  write(finding: Finding): void {
    if (this.count === 0) this.writeHeading();
    if (this.count++ === 1) this.line('\nfurther differences', 'heading');
    this.writeExchange(finding);
    if (finding.kind === 'order') this.line(`${INDENT}${orderText(finding)}`);
    if (finding.kind !== 'changed') return;
    for (const difference of finding.differences) this.writeField(difference);
    for (const path of new Set(finding.differences.map((difference) => withoutIndexes(difference.path)))) {
      if (this.paths.has(path) || this.paths.size < MAX_DIFF_PATHS)
        this.paths.set(path, (this.paths.get(path) ?? 0) + 1);
    }
  }

  /** The line of counts; without differences it is the only line. `isWhole`: all of both recordings could be compared. */
  end({ counts }: Diff, isWhole: boolean): void {
    const { expected, actual, missing, extra, changed, order } = counts;
    if (missing + extra + changed + order === 0) {
      this.line(
        `no differences in ${plural(expected, 'exchange')}${isWhole ? '' : ', as far as they could be compared'}`,
      );
      return;
    }
    if (changed > MANY) this.writePaths();
    const compared =
      expected === actual ? plural(expected, 'exchange') : `${grouped(expected)} and ${plural(actual, 'exchange')}`;
    const counted = { changed, missing, extra, 'out of order': order };
    const parts = Object.entries(counted).map(([what, count]) => `${grouped(count)} ${what}`);
    this.line(`\n${compared}: ${parts.join(', ')}`, 'heading');
  }

  /** The columns: the kind, frames of the call in either recording, and its description. */
  private writeHeading(): void {
    this.line('first difference', 'heading');
    this.line(`${' '.repeat(KIND_WIDTH)}${'expected'.padStart(FRAME_WIDTH)}${'actual'.padStart(FRAME_WIDTH)}`, 'dim');
  }

  private writeExchange(finding: Finding): void {
    const { open, close } = this.options.styles[STYLES[finding.kind]];
    const expected = finding.kind === 'extra' ? null : finding.expected;
    const actual = finding.kind === 'missing' ? null : finding.actual;
    const text = sanitize(`${frameText(expected)}${frameText(actual)}  ${nameOf((expected ?? actual)!.reference)}`);
    this.out.utf8(`${open}${finding.kind.padEnd(KIND_WIDTH)}${close}${this.cut(text, KIND_WIDTH)}\n`);
  }

  private writeField({ path, expected, actual, contradiction }: FieldDifference): void {
    const { styles, programs } = this.options;
    this.line(`${INDENT}${path}`);
    this.side(styles.error, '- ', fieldText(expected, programs));
    this.side(styles.reply, '+ ', fieldText(actual, programs));
    if (contradiction?.expected) {
      this.side(styles.dim, '', `- was + ${fieldLeaf(contradiction.expected.actual)} before`);
    }
    if (contradiction?.actual) this.side(styles.dim, '', `+ was - ${fieldLeaf(contradiction.actual.expected)} before`);
  }

  private side({ open, close }: Style, mark: string, text: string): void {
    const indent = `${INDENT}  ${mark}`;
    this.out.utf8(`${open}${indent}${this.cut(text, indent.length)}${close}\n`);
  }

  private writePaths(): void {
    const often = [...this.paths].filter(([, count]) => count > 1);
    const most = often.sort(([, one], [, other]) => other - one).slice(0, SHOWN_PATHS);
    if (most.length > 0) this.line('\nchanged most (--ignore leaves a field out)', 'heading');
    for (const [path, count] of most) this.line(`${INDENT}${path}  ${count}`);
  }

  /** Writes a line; a line break in the text makes an empty line before it. */
  private line(text: string, style?: StyleName): void {
    const { open, close } = style === undefined ? PLAIN : this.options.styles[style];
    this.out.utf8(`${open}${text.split('\n').map(sanitize).join('\n')}${close}\n`);
  }

  /** Cuts the rest of a line to the room after `used` cells. */
  private cut(text: string, used: number): string {
    const { columns } = this.options;
    return columns === null ? text : cutText(text, Math.max(columns - used, LEAST_ROOM));
  }
}

function fieldLeaf(value: LeafValue): string {
  return fieldText({ kind: 'value', name: '', value, plan: null }, () => undefined);
}

/** The frame of the call; that of the reply where the call was not captured. */
function frameText(exchange: ComparedExchange | null): string {
  if (exchange === null) return '-'.padStart(FRAME_WIDTH);
  const { frame, replyFrame, file } = exchange.reference;
  const text = String(frame < 0 ? replyFrame : frame);
  return (file === undefined ? text : ` ${file}:${text}`).padStart(FRAME_WIDTH);
}

function nameOf({ program, programNumber, version, procedureNumber, summary }: Named): string {
  const name = program ?? (programNumber < 0 ? 'reply without its call' : `program ${programNumber}`);
  const what = summary || (procedureNumber < 0 ? '' : `procedure ${procedureNumber}`);
  return `${name}${version < 0 ? '' : ` v${version}`} ${what}`.trimEnd();
}

/** How far an exchange moved, and the nearest exchange that it passed. */
function orderText({ passed: { count, isLater, nearest } }: Finding & { kind: 'order' }): string {
  const where = isLater ? 'behind' : 'before';
  return `${plural(count, 'place')} ${isLater ? 'later' : 'earlier'}: ${where} ${nameOf(nearest)}`;
}

function withoutIndexes(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '');
}
