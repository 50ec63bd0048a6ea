/**
 * Reports unknown names for all lookups. A name is reported once, and only after the names of last resort were loaded
 * (`fallback.ts`). It is not reported where its definition may have been lost to a syntax error or to a failed include.
 */
import { type Diagnostics, positionOf } from './diagnostics.js';
import type { Span } from './model.js';
import type { FailedInclude } from './preprocessor.js';
import { suggest } from './suggestion.js';

/** The most suggestions made: each compares the name with all known ones. */
const MAX_SUGGESTIONS = 20;

export class Names {
  private readonly reported = new Set<string>();
  private isMissing = false;
  private isLoaded = false;

  constructor(
    private readonly diagnostics: Diagnostics,
    private readonly lost: Set<string>,
    private readonly failedIncludes: FailedInclude[],
    private readonly load: () => void,
  ) {}

  /** Loads the names of last resort; false when they were loaded before. */
  loadFallback(): boolean {
    if (this.isLoaded) return false;
    this.isLoaded = true;
    this.load();
    return true;
  }

  reportUnknown(
    code: 'unknown-type' | 'unknown-constant',
    name: string,
    span: Span,
    known: () => Iterable<string>,
  ): void {
    if (this.diagnostics.isQuiet) return;
    const key = `${code} ${name}`;
    if (this.lost.has(name) || this.reported.has(key)) return;
    this.reported.add(key);
    this.isMissing = true;
    if (this.failedIncludes.length > 0) return;
    const suggestion = this.reported.size <= MAX_SUGGESTIONS ? suggest(name, known()) : '';
    this.diagnostics.report(code, span, { name, suggestion });
  }

  reportDuplicate(what: string, name: string, span: Span, first: Span): void {
    if (this.diagnostics.full) return;
    this.diagnostics.report('duplicate', span, { what, name, where: whereIs(first, span) });
  }

  /** Reports the includes that failed: as errors when a name is missing, else as warnings. */
  reportIncludes(): void {
    for (const { name, reason, span } of this.failedIncludes) {
      this.diagnostics.report(this.isMissing ? 'include-needed' : 'include-skipped', span, { name, reason });
    }
  }
}

/** ` (line 12)`; with the name of the file where `first` is in another one. */
export function whereIs(first: Span, from: Span): string {
  const { line } = positionOf(first.source, first.start);
  return first.source === from.source ? ` (line ${line})` : ` (${first.source.name}:${line})`;
}
