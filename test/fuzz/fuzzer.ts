/** The loop: a subject, some mutations, all outputs, until the time is over. Every run can be repeated from its seed. */
import { DissectorLibrary } from '../../src/index.js';
import { PCAP_NANOSECONDS, writePcap } from '../helpers/capture-writer.js';
import { Random } from '../helpers/random.js';
import { INVENTORY } from '../helpers/render.js';
import type { CommandLines } from './command-lines.js';
import { judge, type Verdict } from './invariants.js';
import { minimise } from './minimise.js';
import { damageFile, MUTATIONS } from './mutations.js';
import { fixtureFiles, programSubject, type Subject, windowOf } from './subjects.js';

export interface Finding {
  seed: number;
  name: string;
  mutations: string[];
  violations: string[];
  /** The smallest capture found that still fails. */
  capture: Buffer;
}

export interface FuzzReport {
  runs: number;
  messages: number;
  bytes: number;
  /** Of the slowest input, per byte, all outputs together. */
  worstMicrosecondsPerByte: number;
  peakRss: number;
  findings: Finding[];
}

interface Candidate {
  name: string;
  mutations: string[];
  capture: Buffer;
  /** Absent for damaged files, which have no frames to leave out. */
  subject?: Subject;
}

/** Inputs below this say nothing about the time per byte. */
const TIMED_BYTES = 4096;
const MAX_FINDINGS = 20;
/** One input in so many is given to the program as well: starting it costs as much as all passes in this process. */
const COMMAND_EVERY = 4;

export class Fuzzer {
  private readonly library = new DissectorLibrary([INVENTORY]);
  private readonly files = fixtureFiles();

  /** @param commandLines Tries the program itself; null: only what it is made of. */
  constructor(private readonly commandLines: CommandLines | null = null) {}

  /** Runs seeds from `first` on, until `isOver`. */
  async run(first: number, isOver: (report: FuzzReport) => boolean): Promise<FuzzReport> {
    const report: FuzzReport = {
      runs: 0,
      messages: 0,
      bytes: 0,
      worstMicrosecondsPerByte: 0,
      peakRss: 0,
      findings: [],
    };
    for (let seed = first; !isOver(report) && report.findings.length < MAX_FINDINGS; seed++) {
      await this.one(seed, report);
    }
    return report;
  }

  /** What all outputs say of a capture. */
  async judge(capture: Buffer, seed = 0): Promise<Verdict> {
    const verdict = await judge(capture, this.library, new Random(seed));
    if (seed % COMMAND_EVERY !== 0 || this.commandLines === null) return verdict;
    return { ...verdict, violations: [...verdict.violations, ...this.commandLines.judge(capture, new Random(seed))] };
  }

  /** What all outputs say of a capture, and one of the command lines; with `random` null, all of them. */
  async judgeAgain(capture: Buffer, random: Random | null): Promise<string[]> {
    const { violations } = await judge(capture, this.library, new Random(0));
    const { commandLines } = this;
    const ofPrograms = random === null ? commandLines?.judgeAll(capture) : commandLines?.judge(capture, random);
    return [...violations, ...(ofPrograms ?? [])];
  }

  private async one(seed: number, report: FuzzReport): Promise<void> {
    const candidate = this.candidate(new Random(seed));
    const { capture } = candidate;
    const verdict = await this.judge(capture, seed);
    report.runs++;
    report.messages += verdict.messages;
    report.bytes += capture.length;
    if (capture.length >= TIMED_BYTES) {
      const perByte = (verdict.milliseconds * 1000) / capture.length;
      report.worstMicrosecondsPerByte = Math.max(report.worstMicrosecondsPerByte, perByte);
    }
    report.peakRss = Math.max(report.peakRss, process.memoryUsage.rss());
    if (verdict.violations.length > 0) report.findings.push(await this.finding(seed, candidate, verdict.violations));
  }

  private candidate(random: Random): Candidate {
    if (random.below(8) === 0) {
      const file = random.oneOf(this.files);
      return { name: file.name, mutations: ['damageFile'], capture: damageFile(file.bytes, random) };
    }
    const subject =
      random.below(2) === 0 ? programSubject(this.library, random) : windowOf(random.oneOf(this.files), random);
    const mutations = Array.from({ length: random.below(7) }, () => random.oneOf(Object.keys(MUTATIONS)));
    for (const name of mutations) MUTATIONS[name](subject, random);
    return { name: subject.name, mutations, subject, capture: captureOf(subject) };
  }

  private async finding(seed: number, candidate: Candidate, violations: string[]): Promise<Finding> {
    const { name, mutations, subject } = candidate;
    if (subject === undefined) return { seed, name, mutations, violations, capture: candidate.capture };
    const kind = kindOf(violations[0]);
    const least = await minimise(subject, async (some) => {
      const verdict = await this.judge(captureOf(some), seed);
      return verdict.violations.some((violation) => kindOf(violation) === kind);
    });
    return { seed, name, mutations, violations, capture: captureOf(least) };
  }
}

function captureOf({ frames, linkType }: Subject): Buffer {
  return writePcap(frames, { magic: PCAP_NANOSECONDS, linkType });
}

/** Violations of one kind begin alike. */
function kindOf(violation: string): string {
  return violation.slice(0, violation.indexOf(':'));
}
