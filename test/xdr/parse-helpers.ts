/** Table-driven tests of parseXdr: sources against outlines, sources against diagnostics. */
import { expect, test } from 'vitest';
import type { Source } from '../../src/xdr/model.js';
import { parseXdr, renderDiagnostic } from '../../src/xdr/parse-xdr.js';
import { outline } from './outline.js';

/** Other files of the same test, by name. */
export type Files = Record<string, string>;

function includeFrom(files: Files): (name: string) => Source | string {
  return (name) => (Object.hasOwn(files, name) ? { name, text: files[name] } : 'no such file');
}

/** The rendered diagnostics of `text`. */
export function complaints(text: string, files: Files = {}): string[] {
  const { diagnostics } = parseXdr({ name: 'test.x', text }, { include: includeFrom({ 'test.x': text, ...files }) });
  return diagnostics.map(renderDiagnostic);
}

export function outlineOf(text: string, files: Files = {}): string {
  return outline(parseXdr({ name: 'test.x', text }, { include: includeFrom(files) }).specification).trimEnd();
}

/** Each source parses without a word, to this outline. */
export function parseEach(cases: [name: string, text: string, outline: string, files?: Files][]): void {
  test.each(cases)('%s', (_, text, expected, files) => {
    expect(complaints(text, files)).toEqual([]);
    expect(outlineOf(text, files).replace(/\s+/g, ' ')).toBe(expected.trim().replace(/\s+/g, ' '));
  });
}

/** Each source gives exactly these complaints, `line:column: severity: message`. */
export function parseErrorEach(cases: [name: string, text: string, complaints: string[], files?: Files][]): void {
  test.each(cases)('%s', (_, text, expected, files) => {
    const heads = complaints(text, files).map((each) => each.split('\n')[0].replace(/^test\.x:/, ''));
    expect(heads).toEqual(expected);
  });
}
