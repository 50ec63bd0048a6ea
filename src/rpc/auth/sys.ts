/** AUTH_SYS (RFC 5531 appendix A): the Unix identity that the caller claims. */
import { padded, read32 } from '../../xdr/bytes.js';
import type { OpaqueAuth } from '../message.js';
import { type AuthFlavor, numberText } from './flavor.js';

export const authSys: AuthFlavor = {
  number: 1,
  name: 'AUTH_SYS',
  formerName: 'AUTH_UNIX',
  credential: 'authsys_parms',
  definition: `
    struct authsys_parms {
      /*@ varies */ unsigned int stamp;
      /*@ varies host */ string machinename<255>;
      unsigned int uid;
      unsigned int gid;
      unsigned int gids<16>;
    };
  `,
  user: (body) => (body.length < 8 ? '' : numberText(body, 8 + padded(read32(body, 4)))),
};

/** Bytes of a body with an empty name and no groups. */
const LEAST = 20;
const MAX_NAME = 255;
const MAX_GROUPS = 16;

/** True for an AUTH_SYS credential whose inner lengths fit its own, as far as its bytes are there. */
export function isSound({ flavor, start, length, limit }: OpaqueAuth, bytes: Uint8Array): boolean {
  const whole = limit - start;
  if (flavor !== authSys.number || whole < LEAST) return false;
  if (length < 8) return true;
  const name = read32(bytes, start + 4);
  const fixed = LEAST + padded(name);
  if (name > MAX_NAME || fixed > whole) return false;
  if (length < fixed) return true;
  const groups = read32(bytes, start + fixed - 4);
  return groups <= MAX_GROUPS && fixed + 4 * groups === whole;
}
