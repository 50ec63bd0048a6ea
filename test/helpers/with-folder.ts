/** A folder, or a capture in one, that is there while something runs, or while the tests of a file do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { RAW_IP } from '../../src/capture/link-types.js';
import { writePcap } from './capture-writer.js';

/** A folder that is there until the tests of the file that asks for it are over. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rpcdump-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

export async function withFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'rpcdump-test-'));
  try {
    return await action(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A capture of IP packets; frames are numbered from 1, a second apart. */
export function withCapture<T>(packets: readonly Uint8Array[], action: (file: string) => Promise<T>): Promise<T> {
  return withFolder((folder) => {
    const file = join(folder, 'packets.pcap');
    const frames = packets.map((data, seconds) => ({ seconds, data }));
    writeFileSync(file, writePcap(frames, { linkType: RAW_IP }));
    return action(file);
  });
}
