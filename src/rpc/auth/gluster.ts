/**
 * The three credentials of GlusterFS (rpc/xdr/src/rpc-common-xdr.x and glusterfs4-xdr.x of its sources). Their
 * numbers have this meaning only in calls of its programs: elsewhere 5 and numbers above 390000 are
 * pseudo-flavors (RFC 2623 §3) or other flavors.
 */
import { type AuthFlavor, numberText } from './flavor.js';

/** CLI, glusterd's management, peers and bricks, handshake, file operations, callbacks, port map, dump. */
const PROGRAMS: ReadonlySet<number> = new Set([
  1238433, 1238437, 1238463, 1239873, 1298437, 4867634, 14398633, 34123456, 52743234, 123451501,
]);

export const authGlusterfs: AuthFlavor = {
  number: 5,
  name: 'AUTH_GLUSTERFS',
  programs: PROGRAMS,
  credential: 'auth_glusterfs_parms',
  definition: `
    struct auth_glusterfs_parms {
      /*@ identifier; show hex */ unsigned hyper lk_owner;
      /*@ varies pid */ unsigned int pid;
      unsigned int uid;
      unsigned int gid;
      unsigned int ngrps;
      unsigned int groups[16];
    };
  `,
  user: (body) => numberText(body, 12),
};

export const authGlusterfsV2: AuthFlavor = {
  number: 390039,
  name: 'AUTH_GLUSTERFS_v2',
  programs: PROGRAMS,
  credential: 'auth_glusterfs_parms_v2',
  definition: `
    struct auth_glusterfs_parms_v2 {
      /*@ varies pid */ int pid;
      unsigned int uid;
      unsigned int gid;
      unsigned int groups<>;
      /*@ varies owner */ opaque lk_owner<>;
    };
  `,
  user: (body) => numberText(body, 4),
};

export const authGlusterfsV3: AuthFlavor = {
  number: 390040,
  name: 'AUTH_GLUSTERFS_v3',
  programs: PROGRAMS,
  credential: 'auth_glusterfs_params_v3',
  definition: `
    struct auth_glusterfs_params_v3 {
      /*@ varies pid */ int pid;
      unsigned int uid;
      unsigned int gid;
      /*@ show hex */ unsigned int flags;
      /*@ varies */ unsigned int ctime_nsec;
      /*@ show time */ unsigned hyper ctime_sec;
      unsigned int groups<>;
      /*@ varies owner */ opaque lk_owner<>;
    };
  `,
  user: (body) => numberText(body, 4),
};
