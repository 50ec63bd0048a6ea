/** AUTH_SHORT (RFC 5531 appendix A): a server's shorthand for an AUTH_SYS credential, as opaque bytes. */
import type { AuthFlavor } from './flavor.js';

export const authShort: AuthFlavor = { number: 2, name: 'AUTH_SHORT', bytesName: 'handle' };
