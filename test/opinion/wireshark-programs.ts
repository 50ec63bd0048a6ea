/**
 * Which programs, versions and procedures Wireshark has names for, found by asking tshark: a capture with a call to every procedure is
 * written, and what tshark calls each is read back. Makes the table fixtures/programs/wireshark.tsv.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RAW_IP } from '../../src/capture/link-types.js';
import { writePcap } from '../helpers/capture-writer.js';
import { client, server, udp } from '../helpers/packets.js';
import { call } from '../helpers/rpc-writer.js';

const VERSIONS = [0, 1, 2, 3, 4, 5, 310, 330, 400];
const MAX_PROCEDURE = 130;
/** Calls in one capture. */
const CALLS = 10_000;

export interface WiresharkProcedure {
  program: number;
  version: number;
  procedure: number;
  /** Wireshark's names. */
  protocol: string;
  name: string;
}

/** Asks tshark for its names of these programs. */
export function askWireshark(candidates: Iterable<number>): WiresharkProcedure[] {
  const programs = [...new Set(candidates)].sort((a, b) => a - b);
  const known = ask(programs.map((program) => ({ program, version: 1, procedure: 0 })))
    .filter(({ protocol }) => !/^(Unknown RPC program .*|RPC|UDP|)$/.test(protocol))
    .map(({ program }) => program);
  const calls = known.flatMap((program) =>
    VERSIONS.flatMap((version) =>
      Array.from({ length: MAX_PROCEDURE + 1 }, (_, procedure) => ({ program, version, procedure })),
    ),
  );
  return ask(calls).filter(({ name }) => name !== '' && !/^proc-\d+$/.test(name));
}

type Call = Pick<WiresharkProcedure, 'program' | 'version' | 'procedure'>;

function ask(calls: readonly Call[]): WiresharkProcedure[] {
  const parts = Array.from({ length: Math.ceil(calls.length / CALLS) }, (_, i) => i * CALLS);
  return parts.flatMap((start) => askPart(calls.slice(start, start + CALLS)));
}

function askPart(calls: readonly Call[]): WiresharkProcedure[] {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  try {
    const capture = join(folder, 'calls.pcap');
    const frames = calls.map((each, index) => ({ data: udp(client, server, call({ xid: index + 1, ...each })) }));
    writeFileSync(capture, writePcap(frames, { linkType: RAW_IP }));
    return columnsOf(capture).map(([protocol, info], index) => ({
      ...calls[index],
      protocol,
      name: nameIn(info, calls[index]),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function columnsOf(capture: string): string[][] {
  const fields = ['-T', 'fields', '-e', '_ws.col.Protocol', '-e', '_ws.col.Info'];
  const { stdout, status, error } = spawnSync(
    'tshark',
    ['-n', '-r', capture, '-o', 'rpc.dissect_unknown_programs:TRUE', ...fields],
    { encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env, WIRESHARK_CONFIG_DIR: '/nonexistent' } },
  );
  if (status !== 0) throw error ?? new Error(`tshark ended with ${status}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
}

/** `V3 GETATTR Call`; of a compound Wireshark names the operations, and this one has none. */
function nameIn(info: string, { program, version, procedure }: Call): string {
  if (program === 100003 && version === 4 && procedure === 1) return 'COMPOUND';
  return /^V\d+ (.*?) Call/.exec(info)?.[1] ?? '';
}

export function formatProcedures(procedures: readonly WiresharkProcedure[]): string {
  const lines = procedures.map((each) =>
    [each.program, each.version, each.procedure, each.protocol, each.name].join('\t'),
  );
  return ['program\tversion\tprocedure\tprotocol\tname', ...lines, ''].join('\n');
}

export function parseProcedures(table: string): WiresharkProcedure[] {
  return table
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [program, version, procedure, protocol, name] = line.split('\t');
      return { program: Number(program), version: Number(version), procedure: Number(procedure), protocol, name };
    });
}
