/**
 * AUTH_GLUSTERFS_V2 and _V3, the credentials of GlusterFS (rpc/rpc-lib's glusterfs-xdr.x): the process, user and groups that ask, and the
 * owner of the locks. V3, since GlusterFS 4.0, has the client's clock as well.
 */
import type { AuthFlavor } from './flavor.js';

export const authGlusterfsV2: AuthFlavor = {
  number: 390039,
  name: 'AUTH_GLUSTERFS_V2',
  credential: 'auth_glusterfs_parms_v2',
  definition: `
    struct auth_glusterfs_parms_v2 {
      int pid;
      unsigned int uid;
      unsigned int gid;
      unsigned int groups<>;
      opaque lk_owner<>;
    };
  `,
};

export const authGlusterfsV3: AuthFlavor = {
  number: 390040,
  name: 'AUTH_GLUSTERFS_V3',
  credential: 'auth_glusterfs_params_v3',
  definition: `
    struct auth_glusterfs_params_v3 {
      int pid;
      unsigned int uid;
      unsigned int gid;
      unsigned int flags;
      unsigned int ctime_nsec;
      unsigned hyper ctime_sec;
      unsigned int groups<>;
      opaque lk_owner<>;
    };
  `,
};
