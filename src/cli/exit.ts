/** Exit statuses, and the error that ends a command with one line. */

export const EXIT_DONE = 0;
/** A check failed, or a diff found differences. */
export const EXIT_FAILED = 1;
/** Usage, or input that could not be read to its end. */
export const EXIT_INPUT = 2;
export const EXIT_BUG = 70;

/** The user's request cannot be done, or the output cannot be written; `message` says why, for standard error. */
export class UsageError extends Error {}
