/** `-w` reads files twice: what is gone by the second time is not left out without a word. */
import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FrameExport } from '../../src/cli/frame-export.js';
import type { StandardOutput } from '../../src/cli/standard-output.js';
import { Inspection } from '../../src/library/inspection.js';
import { writePcap } from '../helpers/capture-writer.js';
import { client, server, udp } from '../helpers/packets.js';
import { call } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const folder = ownFolder();

test.each([
  ['all', 0, 'written'],
  ['the last frame is gone', 1, '1 frame of the captures gone before the second reading'],
])('%s', async (name, bytes, expected) => {
  const [path, out] = [`${name}.pcap`, `${name}.out`].map((each) => join(folder, each));
  const capture = writePcap(
    Array.from({ length: 40 }, (_, xid) => ({ data: udp(client, server, call({ xid })), seconds: xid })),
    {
      linkType: 101,
    },
  );
  writeFileSync(path, capture);
  const frames = new FrameExport(out, false, { isClosed: false } as StandardOutput, null);
  const inspection: Inspection = await Inspection.open([path], { onFrame: frames.onFrame }, (dissection) =>
    frames.message(dissection, true, inspection.dissector),
  );
  await inspection.run();
  frames.finishMessages();
  truncateSync(path, capture.length - bytes);
  const outcome = await frames.finish(inspection.captures).then(
    () => 'written',
    ({ message }) => message,
  );
  frames.abandon();
  expect([outcome, existsSync(out)]).toEqual([expected, expected === 'written']);
});
