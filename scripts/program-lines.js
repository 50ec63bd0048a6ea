// The lines of src/ that processes of the built program ran: V8's counts of the bundle's text, through its source maps.
import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { basename, join } from 'node:path';

const TOKEN = /[\w$]+|[^\s\w$]/g;

/** By path of the source. @param folder What `RPCDUMP_COVERAGE` named: a file of each process, and the program. */
export function linesOfPrograms(folder, root) {
  const lines = new Map();
  const program = join(folder, 'program');
  for (const [name, ran] of charactersThatRan(folder, program)) {
    const text = readFileSync(join(program, name), 'utf8');
    const map = new SourceMap(JSON.parse(readFileSync(join(program, `${name}.map`), 'utf8')));
    for (const [source, line] of originsOf(text, map, ran)) {
      const path = join(root, source.slice(source.lastIndexOf('src/')));
      if (!lines.has(path)) lines.set(path, new Set());
      lines.get(path).add(line);
    }
  }
  return lines;
}

/** For each file of the bundle, which of its characters some process ran. */
function charactersThatRan(folder, program) {
  const files = new Map(
    readdirSync(program)
      // What the bundler adds of its own has no map.
      .filter((name) => name.endsWith('.cjs.map'))
      .map((name) => basename(name, '.map'))
      .map((name) => [name, new Uint8Array(readFileSync(join(program, name), 'utf8').length)]),
  );
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
    for (const { url, functions } of JSON.parse(readFileSync(join(folder, name), 'utf8')).result) {
      const ran = files.get(basename(url));
      if (ran !== undefined) addRun(ran, functions);
    }
  }
  return files;
}

/** Ranges nest, and the innermost one counts. */
function addRun(ran, functions) {
  const own = new Uint8Array(ran.length);
  const ranges = functions.flatMap((each) => each.ranges);
  ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  for (const { startOffset, endOffset, count } of ranges) own.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  for (let i = 0; i < own.length; i++) ran[i] |= own[i];
}

/** Source and line, from 1, of each token that ran. */
function* originsOf(text, map, ran) {
  let start = 0;
  for (const [number, line] of text.split('\n').entries()) {
    for (const { index } of line.matchAll(TOKEN)) {
      if (ran[start + index] === 0) continue;
      const { originalSource, originalLine } = map.findEntry(number, index);
      if (originalSource?.includes('src/')) yield [originalSource, originalLine + 1];
    }
    start += line.length + 1;
  }
}
