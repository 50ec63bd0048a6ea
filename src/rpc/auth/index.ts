/** The authentication flavors, by number. A new one is one file and one line here. */
import { authDh } from './dh.js';
import type { AuthFlavor } from './flavor.js';
import { authGlusterfsV2, authGlusterfsV3 } from './glusterfs.js';
import { authNone } from './none.js';
import { rpcsecGss } from './rpcsec-gss.js';
import { authShort } from './short.js';
import { authSys } from './sys.js';

export const AUTH_FLAVORS: ReadonlyMap<number, AuthFlavor> = new Map(
  [authNone, authSys, authShort, authDh, rpcsecGss, authGlusterfsV2, authGlusterfsV3].map((flavor) => [
    flavor.number,
    flavor,
  ]),
);
