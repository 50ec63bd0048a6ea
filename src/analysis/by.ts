/** The keys of `stats --by`, one line each. Each value is taken from the call, except for the status. */

import type { Dissection } from '../dissect/dissection.js';
import type { FileSubjects } from '../dissect/names/file-subjects.js';
import { transportName } from '../network/protocols.js';
import { authFlavor, userOf } from '../rpc/auth/index.js';

export interface ByKey {
  value: (dissection: Dissection, subjects: FileSubjects | null) => string;
  /** The key needs learnt file names. */
  needsNames?: true;
}

const KEYS = {
  client: { value: ({ message }) => message.source.address },
  server: { value: ({ message }) => message.destination.address },
  connection: { value: ({ message }) => String(message.connection) },
  transport: { value: ({ message }) => transportName(message.protocol) },
  flavor: { value: ({ message: { credential, program } }) => flavorName(credential.flavor, program) },
  user: { value: ({ message }) => userOf(message) },
  file: { value: (_, subjects) => subjects?.file ?? '', needsNames: true },
  directory: { value: (_, subjects) => subjects?.directory ?? '', needsNames: true },
  /** Set when the reply comes (row-keys.ts). */
  status: { value: () => '' },
} satisfies Record<string, ByKey>;

export type ByName = keyof typeof KEYS;
export const BY: Readonly<Record<ByName, ByKey>> = KEYS;
export const BY_NAMES = Object.keys(KEYS) as ByName[];

/** `AUTH_SYS`; the number of a flavor that nobody defined; empty where the header is cut off before it. */
function flavorName(number: number, program: number): string {
  return number < 0 ? '' : (authFlavor(number, program)?.name ?? String(number));
}
