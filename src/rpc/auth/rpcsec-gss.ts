/**
 * RPCSEC_GSS (RFC 2203): the header that stands in the credential, and the tokens that context creation carries in place of
 * arguments and results. The verifier is a checksum without inner structure.
 */
import type { AuthFlavor } from './flavor.js';

/** rpc_gss_proc_t and rpc_gss_service_t (RFC 2203 §5). */
export const GSS_DATA = 0;
export const GSS_DESTROY = 3;
/** Names of rpc_gss_proc_t. */
export const GSS_PROCEDURES = ['RPCSEC_GSS_DATA', 'RPCSEC_GSS_INIT', 'RPCSEC_GSS_CONTINUE_INIT', 'RPCSEC_GSS_DESTROY'];
export const GSS_INTEGRITY = 2;
export const GSS_PRIVACY = 3;

export const rpcsecGss: AuthFlavor = {
  number: 6,
  name: 'RPCSEC_GSS',
  credential: 'rpc_gss_cred',
  definition: `
    enum rpc_gss_proc_t {
      RPCSEC_GSS_DATA = 0, RPCSEC_GSS_INIT = 1, RPCSEC_GSS_CONTINUE_INIT = 2, RPCSEC_GSS_DESTROY = 3
    };
    enum rpc_gss_service_t { rpc_gss_svc_none = 1, rpc_gss_svc_integrity = 2, rpc_gss_svc_privacy = 3 };
    struct rpc_gss_cred {
      unsigned int version;
      rpc_gss_proc_t gss_proc;
      unsigned int seq_num;
      rpc_gss_service_t service;
      opaque handle<>;
    };
    struct rpc_gss_init_arg { opaque gss_token<>; };
    struct rpc_gss_init_res {
      opaque handle<>;
      /*@ show hex */ unsigned int gss_major;
      /*@ show hex */ unsigned int gss_minor;
      unsigned int seq_window;
      opaque gss_token<>;
    };
  `,
};
