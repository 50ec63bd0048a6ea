/** Tables that fit the terminal: what moves below a row, and what is cut. */
import { expect, test } from 'vitest';
import { type FittedColumn, fittedTable } from '../../src/output/fitted-table.js';
import { makeStyles } from '../../src/terminal/style.js';

interface Row {
  file: string;
  frame: string;
  host: string;
  call: string;
  known: string;
}

const COLUMNS: FittedColumn<Row>[] = [
  { title: 'file', isRight: false, isOptional: true, keepsEnd: true, least: 6, text: ({ file }) => file },
  { title: 'in\nframe', isRight: true, text: ({ frame }) => frame },
  { title: 'host', isRight: false, least: 8, text: ({ host }) => host },
  { title: 'call', isRight: false, least: 8, goesBelow: true, text: ({ call }) => call },
  { title: 'what is known', isRight: false, least: 10, goesBelow: true, text: ({ known }) => known },
];

const ROWS: Row[] = [
  { file: '', frame: '7', host: '10.0.0.1:800', call: 'LOOKUP a.txt', known: 'never answered' },
  { file: '', frame: '1234567', host: '10.0.0.1:800', call: 'NULL', known: 'open' },
];
const WITH_FILES = ROWS.map((row) => ({ ...row, file: 'recordings/monday.pcap' }));

function table(columns: number | null, rows: readonly Row[] = ROWS): string {
  return `\n${fittedTable(rows, COLUMNS, { styles: makeStyles(false), columns })}`;
}

test('with all the room there is, a column without texts is left out', () => {
  expect(table(null)).toMatchInlineSnapshot(`
    "
         in
      frame  host          call          what is known
          7  10.0.0.1:800  LOOKUP a.txt  never answered
    1234567  10.0.0.1:800  NULL          open
    "
  `);
  expect(table(51)).toBe(table(null));
});

test('a column with a text in one row stays', () => {
  expect(table(null, [ROWS[0], WITH_FILES[1]])).toContain('\nfile ');
});

test('a cell less: the first column that may goes below', () => {
  expect(table(50)).toMatchInlineSnapshot(`
    "
         in
      frame  host          what is known
          call
          7  10.0.0.1:800  never answered
          LOOKUP a.txt
    1234567  10.0.0.1:800  open
          NULL
    "
  `);
});

test('then the next', () => {
  expect(table(30)).toMatchInlineSnapshot(`
    "
         in
      frame  host
          call
          what is known
          7  10.0.0.1:800
          LOOKUP a.txt
          never answered
    1234567  10.0.0.1:800
          NULL
          open
    "
  `);
});

test('then columns are cut, the one with most to spare first, one of them at its beginning', () => {
  expect(table(40, WITH_FILES)).toMatchInlineSnapshot(`
    "
                            in
    file                 frame  host
          call
          what is known
    …ings/monday.pcap        7  10.0.0.1:800
          LOOKUP a.txt
          never answered
    …ings/monday.pcap  1234567  10.0.0.1:800
          NULL
          open
    "
  `);
  expect(table(30, WITH_FILES)).toMatchInlineSnapshot(`
    "
                   in
    file        frame  host
          call
          what is known
    …ay.pcap        7  10.0.0.1:8…
          LOOKUP a.txt
          never answered
    …ay.pcap  1234567  10.0.0.1:8…
          NULL
          open
    "
  `);
});

test('a terminal that is too narrow for all least widths', () => {
  expect(table(16, WITH_FILES)).toMatchInlineSnapshot(`
    "
               in
    file    frame  host
          call
          what is known
    …cap        7  10.…
          LOOKUP a.…
          never ans…
    …cap  1234567  10.…
          NULL
          open
    "
  `);
});
