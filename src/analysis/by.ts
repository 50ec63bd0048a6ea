/** What statistics can be told apart by (`--by`): one line each. The value is that of the call. */
import { userOf } from '../rpc/auth/sys.js';
import type { Message } from '../rpc/message.js';

export const BY = {
  client: (message: Message) => message.source.address,
  server: (message: Message) => message.destination.address,
  connection: (message: Message) => String(message.connection),
  transport: (message: Message) => (message.protocol === 6 ? 'tcp' : 'udp'),
  user: userOf,
  /** Filled in when the reply comes. */
  status: () => '',
} satisfies Record<string, (message: Message) => string>;

export type ByName = keyof typeof BY;
export const BY_NAMES = Object.keys(BY) as ByName[];
