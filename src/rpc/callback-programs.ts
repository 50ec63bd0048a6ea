/**
 * The transient program numbers that are NFSv4 callbacks, by client. A client chooses a number
 * from 0x40000000 to 0x5fffffff (RFC 5531 §8.3) and tells it to its server; later stages read that and store it here.
 */
import { MAX_CALLBACK_PROGRAMS } from '../limits/rpc.js';
import { Recent } from './recent.js';

export const FIRST_TRANSIENT = 0x40000000;
const LAST_TRANSIENT = 0x5fffffff;

export function isTransient(program: number): boolean {
  return program >= FIRST_TRANSIENT && program <= LAST_TRANSIENT;
}

export class CallbackPrograms {
  private readonly known: Recent<true>;

  constructor(bound = MAX_CALLBACK_PROGRAMS) {
    this.known = new Recent<true>(bound);
  }

  /** The client at this address serves callbacks as this program. A full table forgets the one not used for longest. */
  learn(client: string, program: number): void {
    if (isTransient(program)) this.known.set(`${client}/${program}`, true);
  }

  has(client: string, program: number): boolean {
    return this.known.use(`${client}/${program}`) !== undefined;
  }
}
