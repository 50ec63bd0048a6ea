/**
 * AUTH_DH (RFC 2695 §2): Diffie-Hellman keys and DES. A credential has the full name at first, then the nickname that
 * the server gave. Verifiers are encrypted: eight bytes of time, then the window (call) or the nickname (reply).
 */
import { read32 } from '../../xdr/bytes.js';
import type { AuthFlavor } from './flavor.js';

const ADN_NICKNAME = 1;
const MAX_NAME = 255;

export const authDh: AuthFlavor = {
  number: 3,
  name: 'AUTH_DH',
  formerName: 'AUTH_DES',
  credential: 'authdh_cred',
  callVerifier: 'authdh_client_verf',
  replyVerifier: 'authdh_server_verf',
  definition: `
    const MAXNETNAMELEN = 255;
    typedef opaque des_block[8];
    enum authdh_namekind { ADN_FULLNAME = 0, ADN_NICKNAME = 1 };
    struct authdh_fullname { string name<MAXNETNAMELEN>; des_block key; opaque w[4]; };
    union authdh_cred switch (authdh_namekind adc_namekind) {
      case ADN_FULLNAME: authdh_fullname adc_fullname;
      case ADN_NICKNAME: unsigned int adc_nickname;
    };
    struct authdh_client_verf { des_block adv_ctimestamp; opaque adv_winverf[4]; };
    struct authdh_server_verf { des_block adv_timeverf; unsigned int adv_nickname; };
  `,
  user: (body) => {
    if (body.length < 8) return '';
    if (read32(body, 0) === ADN_NICKNAME) return `AUTH_DH nickname ${read32(body, 4)}`;
    return Buffer.from(body.subarray(8, 8 + Math.min(read32(body, 4), MAX_NAME))).toString();
  },
};
