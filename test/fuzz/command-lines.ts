/**
 * Command lines that the fuzzer tries on a capture: the program itself, as a process. It must end by itself with a status that it declares, say
 * what is wrong in lines of its own, and print nothing that a terminal would act on; what is JSON must be JSON.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UNSAFE } from '../../src/xdr/byte-writer.js';
import type { Random } from '../helpers/random.js';

/** Words with CAPTURE, OUT and FOLDER in place of paths; and the statuses that they may end with. */
type CommandLine = [words: string, statuses: number[]];

const COMMAND_LINES: CommandLine[] = [
  ['CAPTURE', [0, 2]],
  ['-V -x CAPTURE', [0, 2]],
  ['--calls CAPTURE', [0, 2]],
  ['--calls --json CAPTURE', [0, 2]],
  ['--json --payload --int64 string CAPTURE', [0, 2]],
  ['-T json --only args,result,status CAPTURE', [0, 2]],
  ['--csv CAPTURE', [0, 2]],
  ['-T fields -e frame -e summary -e args..name -E quote=d CAPTURE', [0, 2]],
  ['-Y ..name_contains_"a"||error==true CAPTURE', [0, 2]],
  ['--calls -Y elapsed>1ms&&retransmissions>0 CAPTURE', [0, 2]],
  ['--summary --json CAPTURE', [0, 2]],
  ['--duplicates --no-names -t ud CAPTURE', [0, 2]],
  ['-w OUT CAPTURE', [0, 2]],
  ['-w OUT --anonymize CAPTURE', [0, 2]],
  ['--export-objects FOLDER CAPTURE', [0, 2]],
  ['stats CAPTURE', [0, 2]],
  ['stats --by client,file,status --json CAPTURE', [0, 2]],
  ['stats --operations --histogram CAPTURE', [0, 2]],
  ['stats --html OUT CAPTURE', [0, 2]],
  ['services CAPTURE', [0, 2]],
  ['services --json CAPTURE', [0, 2]],
  // Of whatever capture: it is the same as itself.
  ['diff CAPTURE CAPTURE', [0, 2]],
  ['diff --json CAPTURE CAPTURE', [0, 2]],
  ['diff --json --order any --ignore ..size CAPTURE CAPTURE', [0, 2]],
  ['check --fail-on malformed --fail-on truncated --expect >=_3_nfs --report junit=OUT CAPTURE', [0, 1, 2]],
  ['check --assert p99(elapsed)<10ms --json CAPTURE', [0, 1, 2]],
  ['pending CAPTURE', [0, 2]],
  ['pending --at 1s --json CAPTURE', [0, 2]],
];

/** A stack trace's line. */
const STACK = /^\s+at .+:\d+:\d+\)?$/m;
const MILLISECONDS = 60_000;

export class CommandLines {
  /** @param folder Is made anew for each command line. */
  constructor(
    private readonly main: string,
    private readonly folder: string,
  ) {}

  /** Runs one of the command lines on a capture; answers what did not hold. */
  judge(capture: Buffer, random: Random): string[] {
    return this.run(capture, random.oneOf(COMMAND_LINES));
  }

  /** Runs all command lines on a capture. */
  judgeAll(capture: Buffer): string[] {
    return COMMAND_LINES.flatMap((commandLine) => this.run(capture, commandLine));
  }

  private run(capture: Buffer, [words, statuses]: CommandLine): string[] {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    const paths: Record<string, string> = {
      CAPTURE: join(this.folder, 'capture.pcap'),
      OUT: join(this.folder, 'out'),
      FOLDER: join(this.folder, 'out.d'),
    };
    writeFileSync(paths.CAPTURE, capture);
    const args = words
      .split(' ')
      .map((word) => word.replaceAll('_', ' ').replace(/CAPTURE|OUT|FOLDER/, (name) => paths[name]));
    const outcome = spawnSync(process.execPath, [this.main, ...args], {
      encoding: 'utf8',
      timeout: MILLISECONDS,
      maxBuffer: 2 ** 28,
    });
    return violationsOf(outcome, statuses, args.includes('--json')).map(
      (violation) => `rpcdump ${words}: ${violation}`,
    );
  }
}

function violationsOf(
  { status, signal, stdout, stderr }: ReturnType<typeof spawnSync> & { stdout: string; stderr: string },
  statuses: number[],
  isJson: boolean,
): string[] {
  const violations: string[] = [];
  if (status === null || !statuses.includes(status)) violations.push(`ended with ${status ?? signal}`);
  if (STACK.test(stderr)) violations.push(`a stack trace: ${stderr.slice(0, 600)}`);
  for (const text of [stdout, stderr]) {
    // Tabs part the columns of fields.
    const unsafe = text.replaceAll(/[\n\t]/g, '').match(UNSAFE);
    if (unsafe !== null) violations.push(`prints U+${unsafe[0].codePointAt(0)?.toString(16)}`);
  }
  for (const line of isJson ? stdout.split('\n').slice(0, -1) : []) {
    try {
      JSON.parse(line);
    } catch (error) {
      violations.push(`no JSON: ${error} in ${line.slice(0, 200)}`);
    }
  }
  return violations;
}
