/** The fixture captures. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CAPTURES = fileURLToPath(new URL('../../fixtures/captures', import.meta.url));
const CAPTURE_NAME = /\.(pcap|pcapng|snoop|cap|iptrace)(\.gz|\.zst)?$/;

/** The path of one: `nfs3/udp-loss.pcap`. */
export function capture(name: string): string {
  return join(CAPTURES, name);
}

/** Paths of all fixture captures. */
export function fixtureCaptures(): string[] {
  const names = readdirSync(CAPTURES, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => CAPTURE_NAME.test(name))
    .sort()
    .map((name) => join(CAPTURES, name));
}
