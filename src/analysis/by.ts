/** The keys of `stats --by`, one line each. Each value is taken from the call, except for the status. */
import type { Dissection } from '../dissect/dissection.js';
import type { FileSubjects } from '../dissect/names/file-subjects.js';
import { authFlavor } from '../rpc/auth/index.js';
import { userOf } from '../rpc/auth/sys.js';

export interface ByKey {
  value: (dissection: Dissection, subjects: FileSubjects | null) => string;
  /** The key needs learnt file names. */
  needsNames?: true;
}

export const BY = {
  client: { value: ({ message }) => message.source.address },
  server: { value: ({ message }) => message.destination.address },
  connection: { value: ({ message }) => String(message.connection) },
  transport: { value: ({ message }) => (message.protocol === 6 ? 'tcp' : 'udp') },
  flavor: { value: ({ message: { credential, program } }) => flavorName(credential.flavor, program) },
  user: { value: ({ message }) => userOf(message) },
  file: { value: (_, subjects) => subjects?.file ?? '', needsNames: true },
  directory: { value: (_, subjects) => subjects?.directory ?? '', needsNames: true },
  /** Set when the reply comes. */
  status: { value: () => '' },
} satisfies Record<string, ByKey> as Record<ByName, ByKey>;

export type ByName =
  | 'client'
  | 'server'
  | 'connection'
  | 'transport'
  | 'flavor'
  | 'user'
  | 'file'
  | 'directory'
  | 'status';
export const BY_NAMES = Object.keys(BY) as ByName[];

/** `AUTH_SYS`; the number of a flavor that nobody defined; empty where the header is cut off before it. */
function flavorName(number: number, program: number): string {
  return number < 0 ? '' : (authFlavor(number, program)?.name ?? String(number));
}
