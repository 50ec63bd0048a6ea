/** AUTH_SYS (RFC 5531 appendix A): the Unix identity that the caller claims. */
import type { AuthFlavor } from './flavor.js';

export const authSys: AuthFlavor = {
  number: 1,
  name: 'AUTH_SYS',
  credential: 'authsys_parms',
  definition: `
    struct authsys_parms {
      unsigned int stamp;
      string machinename<255>;
      unsigned int uid;
      unsigned int gid;
      unsigned int gids<16>;
    };
  `,
};
