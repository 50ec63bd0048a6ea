/**
 * `-i`: runs a capture program in a process of its own. Only that program
 * needs the privilege to capture; rpcdump reads its output like any pipe.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { CAPTURE_BUFFER_KIB, MAX_CAPTURE_PROGRAM_TEXT } from '../limits/cli.js';
import { UsageError } from './exit.js';

export interface LiveOptions {
  interfaces: readonly string[];
  /** In the capture program's language (pcap-filter(7)); empty: everything. */
  filter: string;
}

interface CaptureProgram {
  name: string;
  severalInterfaces: boolean;
  arguments(options: LiveOptions): string[];
}

/** In order of preference: tcpdump writes each frame at once, dumpcap several times a second. */
const PROGRAMS: readonly CaptureProgram[] = [
  {
    name: 'tcpdump',
    severalInterfaces: false,
    arguments: ({ interfaces: [only], filter }) =>
      ['--immediate-mode', '-B', String(CAPTURE_BUFFER_KIB), '-U', '-n', '-w', '-', '-i', only].concat(
        filter === '' ? [] : ['--', filter],
      ),
  },
  {
    name: 'dumpcap',
    severalInterfaces: true,
    // A -f before the first -i applies to all interfaces.
    arguments: ({ interfaces, filter }) =>
      ['-q', '-w', '-'].concat(filter === '' ? [] : ['-f', filter]).concat(interfaces.flatMap((name) => ['-i', name])),
  },
];

const INSTALL = 'install tcpdump, or dumpcap (Debian: wireshark-common)';

export class LiveCapture {
  /** The last lines of the program's standard error. */
  private said = '';
  /** Its exit status; a signal's name; null: it did not start. */
  private readonly ended: Promise<number | NodeJS.Signals | null>;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      const said = this.said + text;
      const from = said.length - MAX_CAPTURE_PROGRAM_TEXT;
      this.said = from <= 0 ? said : said.slice(Math.max(from, said.indexOf('\n', from) + 1));
    });
    this.ended = new Promise((resolve) => {
      child.on('close', (status, signal) => resolve(status ?? signal));
      child.on('error', (error) => {
        this.said += error.message;
        resolve(null);
      });
    });
  }

  /** @throws UsageError when no suitable program is installed. */
  static start(options: LiveOptions, path = process.env.PATH ?? ''): LiveCapture {
    const isOne = options.interfaces.length === 1;
    const fitting = PROGRAMS.filter((program) => isOne || program.severalInterfaces);
    const program = fitting.find(({ name }) => isInstalled(name, path));
    if (program === undefined) {
      const names = fitting.map(({ name }) => name).join(' or ');
      throw new UsageError(`-i needs ${names}, which is not installed: ${INSTALL}`);
    }
    const child = spawn(program.name, program.arguments(options), { stdio: ['ignore', 'pipe', 'pipe'] });
    return new LiveCapture(program.name, child);
  }

  get stream(): Readable {
    return this.child.stdout!;
  }

  /** Asks the program to end; frames that it has captured still come. */
  stop(): void {
    this.child.kill('SIGINT');
  }

  /**
   * Waits for the program's end.
   * @returns What the user must know: why it failed, or that the kernel dropped frames.
   */
  async end(): Promise<{ failed: boolean; lines: string[] }> {
    const ended = await this.ended;
    const failed = ended !== 0;
    const lines = joinRemarks(this.said)
      .split('\n')
      .map((line) => line.trim().replace(new RegExp(`^${this.name}: `), ''))
      .filter((line) => line !== '' && (failed ? !isGreeting(line) : isAboutDrops(line)));
    if (typeof ended === 'string') lines.push(`ended by ${ended}`);
    else if (failed && lines.length === 0) lines.push('failed without a message');
    return { failed, lines: lines.map((line) => `${this.name}: ${line}`) };
  }
}

/** tcpdump puts the system's words on a line of their own, in brackets, and often they repeat the line before. */
function joinRemarks(said: string): string {
  return said.replace(/(.*)\n\((.*)\)$/gm, (_, line, more) => (line.endsWith(more) ? line : `${line} (${more})`));
}

/** What a program says when it begins (tcpdump, dumpcap). */
function isGreeting(line: string): boolean {
  return /^(listening|Capturing) on /.test(line);
}

/** `3 packets dropped by kernel` (tcpdump), `Packets received/dropped on interface 'lo': 9/3 …` (dumpcap). */
function isAboutDrops(line: string): boolean {
  return /^[1-9]\d* packets? dropped/.test(line) || /\bdropped on interface '.*': \d+\/[1-9]/.test(line);
}

function isInstalled(name: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
