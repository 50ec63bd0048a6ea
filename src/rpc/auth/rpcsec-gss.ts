/**
 * RPCSEC_GSS, versions 1 (RFC 2203), 2 (RFC 5403) and 3 (RFC 7861): the header in the credential, and what the control
 * procedures carry in place of arguments and results. Control procedures travel as calls of procedure 0 of the program
 * that is called, so here they are the procedures of a program of their own, numbered by rpc_gss_proc_t. A verifier is
 * a checksum without inner structure, except that of RPCSEC_GSS_BIND_CHANNEL.
 */
import { type AuthFlavor, handleText } from './flavor.js';

/** rpc_gss_proc_t (RFC 2203 §5.2.1, RFC 5403 §3.3, RFC 7861 §2.7). */
export const GSS_DATA = 0;
export const GSS_INIT = 1;
export const GSS_CONTINUE_INIT = 2;
export const GSS_DESTROY = 3;
export const GSS_BIND_CHANNEL = 4;

/** rpc_gss_service_t. */
export const GSS_NONE = 1;
export const GSS_INTEGRITY = 2;
export const GSS_PRIVACY = 3;

/** Versions of the credential are 1 to this; all have the same fields. */
export const GSS_VERSIONS = 3;

/** A sequence number that servers no longer accept (RFC 2203 §5.3.3.1). */
export const GSS_MAXSEQ = 0x80000000;

/** The type of a major status (RFC 2744 §3.9.1): an error stands in the upper half, supplementary bits in the lower one. */
export const GSS_MAJOR_STATUS = `
  enum gss_major_status {
    GSS_S_COMPLETE = 0, GSS_S_CONTINUE_NEEDED = 1, GSS_S_DUPLICATE_TOKEN = 2, GSS_S_OLD_TOKEN = 4,
    GSS_S_UNSEQ_TOKEN = 8, GSS_S_GAP_TOKEN = 16,
    GSS_S_BAD_MECH = 0x10000, GSS_S_BAD_NAME = 0x20000, GSS_S_BAD_NAMETYPE = 0x30000, GSS_S_BAD_BINDINGS = 0x40000,
    GSS_S_BAD_STATUS = 0x50000, GSS_S_BAD_MIC = 0x60000, GSS_S_NO_CRED = 0x70000, GSS_S_NO_CONTEXT = 0x80000,
    GSS_S_DEFECTIVE_TOKEN = 0x90000, GSS_S_DEFECTIVE_CREDENTIAL = 0xa0000, GSS_S_CREDENTIALS_EXPIRED = 0xb0000,
    GSS_S_CONTEXT_EXPIRED = 0xc0000, GSS_S_FAILURE = 0xd0000, GSS_S_BAD_QOP = 0xe0000, GSS_S_UNAUTHORIZED = 0xf0000,
    GSS_S_UNAVAILABLE = 0x100000, GSS_S_DUPLICATE_ELEMENT = 0x110000, GSS_S_NAME_NOT_MN = 0x120000,
    GSS_S_CALL_INACCESSIBLE_READ = 0x1000000, GSS_S_CALL_INACCESSIBLE_WRITE = 0x2000000,
    GSS_S_CALL_BAD_STRUCTURE = 0x3000000
  };
`;

export const rpcsecGss: AuthFlavor = {
  number: 6,
  name: 'RPCSEC_GSS',
  credential: 'rpc_gss_cred',
  definition: `
    enum rpc_gss_proc_t {
      RPCSEC_GSS_DATA = 0, RPCSEC_GSS_INIT = 1, RPCSEC_GSS_CONTINUE_INIT = 2, RPCSEC_GSS_DESTROY = 3,
      RPCSEC_GSS_BIND_CHANNEL = 4, RPCSEC_GSS_CREATE = 5, RPCSEC_GSS_LIST = 6
    };
    enum rpc_gss_service_t {
      rpc_gss_svc_none = 1, rpc_gss_svc_integrity = 2, rpc_gss_svc_privacy = 3, rpc_gss_svc_channel_prot = 4
    };
    struct rpc_gss_cred {
      unsigned int version;
      rpc_gss_proc_t gss_proc;
      /*@ varies */ unsigned int seq_num;
      rpc_gss_service_t service;
      /*@ varies gss */ opaque handle<>;
    };

    ${GSS_MAJOR_STATUS}
    struct rpc_gss_init_arg {
      /*@ show mechanism; varies */ opaque gss_token<>;
    };
    struct rpc_gss_init_res {
      /*@ varies gss */ opaque handle<>;
      /*@ show enum gss_major_status; status; success GSS_S_COMPLETE GSS_S_CONTINUE_NEEDED */ unsigned int gss_major;
      /*@ show hex */ unsigned int gss_minor;
      unsigned int seq_window;
      /*@ show mechanism; varies */ opaque gss_token<>;
    };

    typedef opaque rgss2_chan_pref<>;
    /*@ show mechanism */ typedef opaque rgss2_oid<>;
    struct rgss2_bind_chan_verf_args {
      rgss2_chan_pref rbcva_chan_bind_prefix;
      rgss2_oid rbcva_chan_bind_oid_hash;
      /*@ varies */ opaque rbcva_chan_mic<>;
    };
    enum rgss2_bind_chan_status {
      RGSS2_BIND_CHAN_OK = 0, RGSS2_BIND_CHAN_PREF_NOTSUPP = 1, RGSS2_BIND_CHAN_HASH_NOTSUPP = 2
    };
    union rgss2_bind_chan_res switch (rgss2_bind_chan_status rbcr_stat) {
      case RGSS2_BIND_CHAN_OK: void;
      case RGSS2_BIND_CHAN_PREF_NOTSUPP: rgss2_chan_pref rbcr_pref_list<>;
      case RGSS2_BIND_CHAN_HASH_NOTSUPP: rgss2_oid rbcr_oid_list<>;
    };
    struct rgss2_bind_chan_verf_res {
      rgss2_bind_chan_res rbcvr_res;
      /*@ varies */ opaque rbcvr_mic<>;
    };

    struct rgss3_gss_mp_auth {
      /*@ varies gss */ opaque rgmp_handle<>;
      /*@ varies */ opaque rgmp_rpcheader_mic<>;
    };
    typedef opaque rgss3_chan_binding<>;
    enum rgss3_assertion_type { LABEL = 0, PRIVS = 1 };
    typedef rgss3_assertion_type rgss3_list_item;
    struct rgss3_lfs {
      unsigned int rlf_lfs_id;
      unsigned int rlf_pi_id;
    };
    struct rgss3_label {
      rgss3_lfs rl_lfs;
      /*@ show text */ opaque rl_label<>;
    };
    struct rgss3_privs {
      string rp_name<>;
      opaque rp_privilege<>;
    };
    union rgss3_assertion_u switch (rgss3_assertion_type atype) {
      case LABEL: rgss3_label rau_label;
      case PRIVS: rgss3_privs rau_privs;
      default: opaque rau_ext<>;
    };
    struct rgss3_create_args {
      rgss3_gss_mp_auth *rca_mp_auth;
      rgss3_chan_binding *rca_chan_bind_mic;
      rgss3_assertion_u rca_assertions<>;
    };
    struct rgss3_create_res {
      /*@ varies gss */ opaque rcr_handle<>;
      rgss3_gss_mp_auth *rcr_mp_auth;
      rgss3_chan_binding *rcr_chan_bind_mic;
      rgss3_assertion_u rcr_assertions<>;
    };
    struct rgss3_list_args {
      rgss3_list_item rla_list_what<>;
    };
    union rgss3_list_item_u switch (rgss3_list_item itype) {
      case LABEL: rgss3_label rli_labels<>;
      case PRIVS: rgss3_privs rli_privs<>;
      default: opaque rli_ext<>;
    };
    typedef rgss3_list_item_u rgss3_list_res<>;

    program RPCSEC_GSS {
      version RPCSEC_GSS_CONTROL {
        /*@ call "{gss_token}"; reply "context {handle} window {seq_window}" */
        rpc_gss_init_res RPCSEC_GSS_INIT(rpc_gss_init_arg) = 1;
        /*@ call "{gss_token}"; reply "context {handle} window {seq_window}" */
        rpc_gss_init_res RPCSEC_GSS_CONTINUE_INIT(rpc_gss_init_arg) = 2;
        void RPCSEC_GSS_DESTROY(void) = 3;
        void RPCSEC_GSS_BIND_CHANNEL(void) = 4;
        /*@ call "[{rca_assertions|count} assertions]"; reply "context {rcr_handle} [{rcr_assertions|count} assertions]" */
        rgss3_create_res RPCSEC_GSS_CREATE(rgss3_create_args) = 5;
        /*@ call "{rla_list_what}"; reply "[{.|count} items]" */
        rgss3_list_res RPCSEC_GSS_LIST(rgss3_list_args) = 6;
      } = 1;
    } = 6;
  `,
  // The principal is known to the server alone; its context has a handle.
  user: (body) => `RPCSEC_GSS ${handleText(body, 16)}`.trimEnd(),
};
