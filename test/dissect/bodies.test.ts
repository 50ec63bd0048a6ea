/** Lines of bodies that carry the body of another call, which may be one of the same procedure. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DissectorLibrary } from '../../src/dissect/library.js';
import { bytes } from '../helpers/capture-writer.js';
import { recordsOf } from '../helpers/inspect.js';
import { client, server, udp } from '../helpers/packets.js';
import { call, opaque, words } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const PROGRAM = 0x20000001;
const WRAPPER = `
  struct wrapped {
    unsigned procedure;
    /*@ body call program ${PROGRAM} version 1 procedure procedure */ opaque inner<>;
    unsigned after;
  };
  program WRAPPER { version V { /*@ call "({inner}) {after}" */ void WRAP(wrapped) = 1; void END(void) = 2; } = 1; } = ${PROGRAM};
`;

const folder = ownFolder();
const file = join(folder, 'wrapper.x');
writeFileSync(file, WRAPPER);
const library = new DissectorLibrary([file]);

/** The arguments of so many calls, one inside another, the innermost with END; each says how many it holds. */
function wrapped(levels: number): Buffer {
  const inner = levels === 1 ? new Uint8Array(0) : wrapped(levels - 1);
  return bytes(words(levels === 1 ? 2 : 1), opaque(inner), words(levels));
}

test.each([
  [1, '(END) 1'],
  [2, '(WRAP (END) 1) 2'],
  [4, '(WRAP (WRAP (WRAP (END) 1) 2) 3) 4'],
  [5, '(WRAP (WRAP (WRAP (WRAP (END …) 1) 2) 3) 4) 5'],
  [6, '(WRAP (WRAP (WRAP (WRAP (WRAP …) 2) 3) 4) 5) 6'],
])('%d calls, one inside another', (levels, summary) => {
  const args = wrapped(levels);
  const [record] = recordsOf(
    [udp(client, server, call({ program: PROGRAM, version: 1, procedure: 1, args }))],
    library,
  );
  expect(record.summary).toBe(`WRAP ${summary}`);
  expect(record.malformed).toBeUndefined();
});
