/** Options of the list that would otherwise be ignored are refused. */
import { expect, test } from 'vitest';
import { checkOptions, type ListOptions } from '../../src/cli/list-options.js';

const DEFAULTS = { color: 'auto', format: 'text', time: 'r', codegen: true, names: true } as const;

/** What is said of the options; '' where they go together. */
function complaint(options: Partial<ListOptions>): string {
  try {
    checkOptions({ ...DEFAULTS, ...options });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

test.each<[options: Partial<ListOptions>, complaint: string]>([
  [{}, ''],
  [{ json: true, only: 'args' }, ''],
  [{ format: 'ndjson', int64: 'string' }, ''],
  [{ int64: 'number' }, ''],
  [{ int64: 'string' }, '--int64 goes with --json or -T json'],
  [{ only: 'args', csv: true }, '--only goes with --json or -T json'],
  [{ format: 'fields', field: ['frame'] }, ''],
  [{ field: ['frame'] }, '-e and -E go with -T fields or --csv'],
  [{ layout: ['header=y'], json: true }, '-e and -E go with -T fields or --csv'],
  [{ format: 'json', csv: true }, '-T json and --csv exclude each other'],
  [{ csv: true, tree: true }, '-V and -x go with -T text'],
  [{ format: 'fields', hex: true }, '-V and -x go with -T text'],
  [{ tree: true, hex: true }, ''],
  [{ calls: true, hex: true }, '--calls cannot be combined with -V or -x'],
  [{ write: 'x', calls: true }, ''],
  [{ write: 'x', json: true }, '-w cannot be combined with --json: it writes no messages'],
  [{ write: 'x', csv: true }, '-w cannot be combined with --csv: it writes no messages'],
  [{ write: 'x', format: 'ndjson' }, '-w cannot be combined with -T ndjson: it writes no messages'],
  [{ write: 'x', tree: true }, '-w cannot be combined with -V or -x: it writes no messages'],
  [{ write: 'x', exportObjects: 'd' }, '--export-objects cannot be combined with -w'],
  [{ write: 'x', anonymize: true }, ''],
  [{ anonymize: true }, '--anonymize needs -w: it changes what is written, not what is listed'],
  [{ anonymizeKey: 'k' }, '--anonymize needs -w: it changes what is written, not what is listed'],
  [{ exportObjects: 'd' }, ''],
  [{ exportObjects: 'd', json: true }, ''],
  [{ exportObjects: 'd', format: 'ndjson' }, ''],
  [{ exportObjects: 'd', format: 'json' }, '--export-objects cannot be combined with -T json: it writes no messages'],
  [{ exportObjects: 'd', hex: true }, '--export-objects cannot be combined with -V or -x: it writes no messages'],
  [{ exportObjects: 'd', calls: true }, '--export-objects cannot be combined with --calls'],
  [
    { exportObjects: 'd', names: false },
    '--export-objects cannot be combined with --no-names: files are written by their names',
  ],
  [{ summary: true, json: true }, ''],
  [{ summary: true, calls: true }, ''],
  [{ summary: true, csv: true }, '--summary cannot be combined with --csv'],
  [{ summary: true, format: 'fields' }, '--summary cannot be combined with -T fields'],
  [{ summary: true, count: 3 }, '--summary cannot be combined with -c'],
  [{ summary: true, write: 'x' }, '--summary cannot be combined with -w'],
  [{ summary: true, exportObjects: 'd' }, '--summary cannot be combined with --export-objects'],
])('%j', (options, expected) => {
  expect(complaint(options)).toBe(expected);
});
