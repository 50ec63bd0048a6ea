/** Text made of units ahead of their turn: the same of a message that was just written as of its unit later; all and nothing but what is free. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnitAhead } from '../../src/cli/jobs/unit-ahead.js';
import { UnitBlocks, WIDTH_COUNT } from '../../src/cli/jobs/unit-blocks.js';
import type { ListOptions } from '../../src/cli/list-options.js';
import { Inspection } from '../../src/index.js';
import { MAX_EXCHANGES } from '../../src/limits/rpc.js';
import type { Message } from '../../src/rpc/message.js';
import { UnitReader } from '../../src/rpc/unit-reader.js';
import { UnitWriter } from '../../src/rpc/unit-writer.js';
import { FIXTURES, library } from '../helpers/render.js';

/** The first block is left to the thread that writes. */
const BLOCK = 1;

/** Wider than any that the captures ask for: a text that makes a column grow is not kept. */
const WIDE_COLUMNS = new Int32Array(WIDTH_COUNT).fill(50);

/** The text of each unit of a capture's first block; null where it has none. */
type Texts = (string | null)[];

async function textsOf(capture: string, format: ListOptions['format'], isWritten: boolean): Promise<Texts> {
  const blocks = new UnitBlocks();
  blocks.setWidths(WIDE_COLUMNS);
  const options: ListOptions = { format, time: 'r', codegen: true, names: true, color: 'never' };
  const ahead = await UnitAhead.start(blocks, { options, files: [capture], isTerminal: false, columns: null });
  const writer = new UnitWriter(MAX_EXCHANGES);
  blocks.fill(0, 0, false);
  writer.begin(blocks.unitsOf(BLOCK));
  if (isWritten) ahead.begin(BLOCK);
  await forEachMessage(capture, (message) => {
    if (!writer.hasRoom(message, false)) return;
    writer.write(message, { hasInterfaces: false, isApart: false });
    if (isWritten) ahead.renderWritten(writer.unit, message);
  });
  blocks.fill(BLOCK, writer.length, isWritten);
  expect(ahead.help()).toBe(!isWritten);
  return readTexts(blocks, writer.length);
}

async function forEachMessage(capture: string, take: (message: Message) => void): Promise<void> {
  const inspection = await Inspection.open(
    [join(FIXTURES, 'captures', capture)],
    { library, headersOnly: true },
    ({ message }) => take(message),
  );
  await inspection.run();
}

function readTexts(blocks: UnitBlocks, length: number): Texts {
  const texts: Texts = [];
  const reader = new UnitReader();
  reader.begin(blocks.unitsOf(BLOCK), length);
  const { bytes } = blocks.textOf(BLOCK);
  while (reader.advance()) {
    texts.push(reader.textEnd === 0 ? null : bytes.toString('utf8', reader.textStart, reader.textEnd));
  }
  return texts;
}

describe.each(['text', 'ndjson'] as const)('%s', (format) => {
  test.each([
    ['nfs3/allprocs-start.pcap', 51],
    ['nfs3/dropped-packets.pcap', 17],
    ['rpcbind/rpcinfo-ipv4.pcap', 28],
    ['nfs4/backchannel-4.1.pcap', 3],
    ['rpc/errors-auth.pcap', 0],
  ])('%s: %i units', async (capture, count) => {
    const texts = await textsOf(capture, format, true);
    expect(texts).toEqual(await textsOf(capture, format, false));
    expect(texts.filter((text) => text !== null)).toHaveLength(count);
  });
});
