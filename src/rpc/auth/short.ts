/** AUTH_SHORT (RFC 5531 appendix A): a server's shorthand for an AUTH_SYS credential, as opaque bytes. */
import { MAX_SHOWN_BYTES } from '../../limits/xdr.js';
import type { AuthFlavor } from './flavor.js';

export const authShort: AuthFlavor = {
  number: 2,
  name: 'AUTH_SHORT',
  bytesName: 'handle',
  user: (body) => `AUTH_SHORT ${Buffer.from(body).subarray(0, MAX_SHOWN_BYTES).toString('hex')}`,
};
