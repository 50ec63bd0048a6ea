/**
 * AUTH_GSSAPI, which RPCSEC_GSS replaced (auth_gssapi.h of OpenVision's and MIT's RPC): kadmin uses it where the other
 * side does not know RPCSEC_GSS. Control messages (`auth_msg`) have procedure numbers of their own. The bodies of all
 * others, and the sequence numbers in verifiers, are sealed by GSS-API.
 */
import { type AuthFlavor, handleText } from './flavor.js';
import { GSS_MAJOR_STATUS } from './rpcsec-gss.js';

export const authGssapi: AuthFlavor = {
  number: 300001,
  name: 'AUTH_GSSAPI',
  credential: 'auth_gssapi_creds',
  definition: `
    struct auth_gssapi_creds {
      unsigned int version;
      bool auth_msg;
      /*@ varies gss */ opaque client_handle<>;
    };
    ${GSS_MAJOR_STATUS}
    struct auth_gssapi_init_arg {
      unsigned int version;
      /*@ show mechanism; varies */ opaque token<>;
    };
    struct auth_gssapi_init_res {
      unsigned int version;
      /*@ varies gss */ opaque client_handle<>;
      /*@ show enum gss_major_status; status; success GSS_S_COMPLETE GSS_S_CONTINUE_NEEDED */ unsigned int gss_major;
      /*@ show hex */ unsigned int gss_minor;
      /*@ show mechanism; varies */ opaque token<>;
      /*@ varies */ opaque signed_isn<>;
    };

    program AUTH_GSSAPI {
      version AUTH_GSSAPI_CONTROL {
        /*@ call "{token}"; reply "context {client_handle}" */
        auth_gssapi_init_res AUTH_GSSAPI_INIT(auth_gssapi_init_arg) = 1;
        /*@ call "{token}"; reply "context {client_handle}" */
        auth_gssapi_init_res AUTH_GSSAPI_CONTINUE_INIT(auth_gssapi_init_arg) = 2;
        /*@ call "{token}" */
        void AUTH_GSSAPI_MSG(auth_gssapi_init_arg) = 3;
        void AUTH_GSSAPI_DESTROY(void) = 4;
      } = 1;
    } = 300001;
  `,
  user: (body) => `AUTH_GSSAPI ${handleText(body, 8)}`.trimEnd(),
};
