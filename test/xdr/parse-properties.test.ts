/** parseXdr on any text: it never throws, its spans lie in their source, and it undoes printing. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseXdr, renderDiagnostic } from '../../src/xdr/parse-xdr.js';
import { outline } from './outline.js';
import { printXdr } from './print-xdr.js';
import { randomSpecification } from './random-specification.js';

const folders = ['ok', 'fail'].map((name) => new URL(`../../fixtures/x/${name}/`, import.meta.url));
const fixtures = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.x'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8')),
);
const pieces =
  'struct enum union switch case default typedef const program version void string opaque int unsigned hyper bool namespace pragma a b 0 1 -1 0x10 { } ( ) < > [ ] ; : :: , = * + << "t" \'c\' % # /* */ // /*@ \n \n#if \n#define \n#else \n#endif \n#include \n% \\ \u2028 é'.split(
    ' ',
  );

/** Parses, renders what is said, and looks at the spans. */
function survive(text: string): void {
  const source = { name: 'random.x', text };
  const { specification, diagnostics } = parseXdr(source, {
    include: (name) => (name.length > 3 ? 'no' : { name, text }),
  });
  for (const diagnostic of diagnostics) {
    const { start, end } = diagnostic.span;
    expect(start >= 0 && start <= end && end <= diagnostic.span.source.text.length).toBe(true);
    expect(diagnostic.message).not.toContain('undefined');
    expect(renderDiagnostic(diagnostic).split('\n').length).toBe(3);
  }
  outline(specification);
}

test('any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), survive), { numRuns: 2000 });
});

test('any sequence of the words and signs of the language', () => {
  const words = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((list) => list.join(' '));
  fc.assert(fc.property(words, survive), { numRuns: 5000 });
});

test('good and bad files with pieces lost, doubled or exchanged', () => {
  const edit = fc.record({
    text: fc.constantFrom(...fixtures),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(20),
    insert: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 5 })),
  });
  fc.assert(
    fc.property(edit, ({ text, at, length, insert }) => {
      const start = Math.floor(at * text.length);
      survive(text.slice(0, start) + insert + text.slice(start + length));
      survive(text.slice(0, start + length) + text.slice(start));
    }),
    { numRuns: 1500 },
  );
});

test('every file cut at every place', () => {
  for (const text of fixtures) {
    for (let end = 0; end < text.length; end += text.length > 2000 ? 7 : 1)
      parseXdr({ name: 'cut.x', text: text.slice(0, end) });
  }
});

test('what is printed parses back to the same specification', () => {
  fc.assert(
    fc.property(randomSpecification, (specification) => {
      const text = printXdr(specification);
      const parsed = parseXdr({ name: 'printed.x', text });
      expect(parsed.diagnostics.map(renderDiagnostic)).toEqual([]);
      expect(outline(parsed.specification)).toBe(outline(specification));
      expect(printXdr(parsed.specification)).toBe(text);
    }),
    { numRuns: 500 },
  );
});
