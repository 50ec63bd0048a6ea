/** AUTH_NONE (RFC 5531 §10.1): no authentication; its body should be empty. */
import type { AuthFlavor } from './flavor.js';

export const authNone: AuthFlavor = { number: 0, name: 'AUTH_NONE', formerName: 'AUTH_NULL' };
