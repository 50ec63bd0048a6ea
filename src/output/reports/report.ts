/** The data of the reports of `rpcdump check`: the results of the rules, with all names resolved. */
import type { RuleResult } from '../../analysis/check/check.js';
import type { Place } from '../../analysis/check/places.js';
import type { DissectorLibrary } from '../../dissect/library.js';
import { grouped } from '../../xdr/plural.js';

export interface Report {
  rules: readonly ReportedRule[];
  /** The inputs, and their problems as lines of `FILE: what is wrong`. */
  files: readonly string[];
  problems: readonly string[];
  /** What the rules could not see, in words: missing bytes, truncated messages, forgotten calls. */
  missing: readonly string[];
  /** Messages that the rules looked at. */
  messages: number;
  /** The version of rpcdump. */
  version: string;
}

/** The result of a rule, with its places in words. */
export interface ReportedRule extends Omit<RuleResult, 'places'> {
  places: readonly ReportedPlace[];
}

export interface ReportedPlace {
  file: string;
  frame: number;
  /** `NFS v3 reply LOOKUP NFS3ERR_NOENT`, and the wrong value. */
  what: string;
}

export type ReportFormat = (report: Report) => string;

export function reportedRule(result: RuleResult, files: readonly string[], library: DissectorLibrary): ReportedRule {
  const places = result.places.map((place) => ({
    file: files[place.file],
    frame: place.frame,
    what: whatOf(place, library),
  }));
  return { ...result, places };
}

function whatOf(place: Place, library: DissectorLibrary): string {
  const detail = place.detail === '' ? '' : `(${place.detail})`;
  const words = [...nameWords(place, library), place.status ?? '', detail];
  return words.filter((word) => word !== '').join(' ');
}

function nameWords(place: Place, library: DissectorLibrary): string[] {
  const { program, version, procedure, isCall } = place;
  const type = isCall ? 'call' : 'reply';
  if (program < 0) return [isCall ? type : `${type} without its call`];
  const plan = library.find(program, version);
  const known = typeof plan === 'string' ? undefined : plan.procedures.get(procedure)?.name;
  const name = place.programName ?? library.programName(program, version) ?? `program ${program}`;
  const number = procedure < 0 ? '' : `procedure ${procedure}`;
  return [version < 0 ? name : `${name} v${version}`, type, place.procedureName ?? known ?? number];
}

/** The number of failed rules. */
export function failuresOf({ rules }: Report): number {
  return rules.filter((rule) => !rule.ok).length;
}

/** A line about something that the rules could not see. */
export function missingText(part: string): string {
  return `incomplete: ${part}`;
}

/** `frame 12`; with several inputs `b.pcap frame 12`. */
export function placeText({ file, frame }: ReportedPlace, { files }: Report): string {
  return files.length > 1 ? `${file} frame ${frame}` : `frame ${frame}`;
}

/** The lines about a failed rule: what was expected, what was found, and where. */
export function failureLines(rule: ReportedRule, report: Report): string[] {
  const { expected, found, places, total } = rule;
  const rest = total - places.length;
  return [
    `expected: ${expected}`,
    `found: ${found}`,
    ...places.map((place) => `${placeText(place, report)}: ${place.what}`),
    ...(rest > 0 ? [`and ${grouped(rest)} more`] : []),
  ];
}

/** What was expected, what was found and where, in the form of records. */
export function foundFacts({ expected, found, places, total }: ReportedRule, { files }: Report): object {
  return {
    expected,
    found,
    frames: places.map(({ frame }) => frame),
    ...(files.length > 1 && { files: places.map(({ file }) => file) }),
    messages: places.map(({ what }) => what),
    total,
  };
}
