/** docs/json.md has the keys of the record as record.schema.json describes them. UPDATE_GOLDENS=1 writes them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const DOCUMENT = fileURLToPath(new URL('../../docs/json.md', import.meta.url));
const SCHEMA = fileURLToPath(new URL('../../record.schema.json', import.meta.url));
const OPEN = '<!-- keys -->\n';
const CLOSE = '<!-- end of keys -->';

test('the keys are those of the schema', () => {
  const properties: Record<string, { description?: string }> = JSON.parse(readFileSync(SCHEMA, 'utf8')).properties;
  const rows = Object.entries(properties).map(([key, { description = '' }]) => `| \`${key}\` | ${description} |\n`);
  const table = ['\n| key | |\n| --- | --- |\n', ...rows, '\n'].join('');
  const text = readFileSync(DOCUMENT, 'utf8');
  const [from, to] = [text.indexOf(OPEN) + OPEN.length, text.indexOf(CLOSE)];
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(DOCUMENT, text.slice(0, from) + table + text.slice(to));
  else expect(text.slice(from, to)).toBe(table);
});
