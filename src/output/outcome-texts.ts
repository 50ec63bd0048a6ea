/** Outcomes of exchanges in words. */
import type { UnansweredOutcome } from '../rpc/outcome.js';

/** Why there is no reply. */
export const UNANSWERED_TEXTS: Record<UnansweredOutcome, string> = {
  never_answered: 'never answered',
  connection_ended: 'connection ended',
  lost_to_capture: 'reply lost to the capture',
  open_at_end: 'open at the end',
};
