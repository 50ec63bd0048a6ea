/** Bounds of display filters: of what is parsed, and of the automata of regular expressions. */
import { KiB } from './units.js';

/** Characters of a display filter: plenty for a generated one, and few enough to parse in a moment. */
export const MAX_FILTER_LENGTH = 64 * KiB;

/** Nesting of parentheses and `not` in a filter: parser and compiler recurse. A hand-written one has fewer than ten. */
export const MAX_FILTER_DEPTH = 100;

/** States of a regular expression's automaton. Matching costs states times characters; `{1000}` repeats its element. */
export const MAX_PATTERN_STATES = 10_000;
