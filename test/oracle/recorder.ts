/**
 * Records a program that no server here speaks: rpcgen makes a server and a client of its `.x` file, which talk on the loopback of a network
 * namespace of their own, and tcpdump listens. Values are those of the synthetic captures (test/synthetic).
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DISSECTORS, readSpecification } from '../../src/dissect/library.js';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import type { Plan } from '../../src/xdr/plan.js';
import { writeXdr } from '../helpers/xdr-writer.js';
import { SampleValues } from '../synthetic/sample-value.js';
import { buildProgram, RefusedByRpcgen, specificationWithoutHints, withFolder } from './rpcgen.js';
import { type RecorderRow, recorderProgram, recorderRows } from './rpcgen-recorder.js';

const SECONDS = 120_000;

/** What is missing on this machine, or null. */
export function missingRecorder(): string | null {
  const missing = ['rpcgen', 'cc', 'tcpdump', 'unshare', 'ip', 'mergecap'].filter(
    (tool) => spawnSync(tool, ['--version']).error !== undefined,
  );
  return missing.length > 0 ? `${missing.join(', ')} not installed` : null;
}

/** Writes the capture of all programs in a folder of dissectors/. @throws RefusedByRpcgen */
export function recordPrograms(folder: string, capture: string): void {
  const files = filesOf(folder).filter((file) => recorderRows(readSpecification(file)).length > 0);
  withFolder((work) => {
    const parts = files.map((file, index) => recordFile(file, join(work, `${index}.pcap`)));
    run('mergecap', ['-F', 'pcap', '-a', '-w', join(work, 'all.pcap'), ...parts], work);
    copyFileSync(join(work, 'all.pcap'), capture);
  });
}

/** Every procedure of the programs in a folder. */
export function rowsOf(folder: string): RecorderRow[] {
  return filesOf(folder).flatMap((file) => recorderRows(readSpecification(file)));
}

function filesOf(folder: string): string[] {
  const names = readdirSync(join(DISSECTORS, folder)).filter((name) => name.endsWith('.x'));
  return names.sort().map((name) => join(DISSECTORS, folder, name));
}

function recordFile(file: string, capture: string): string {
  withFolder((work) => {
    const specification = specificationWithoutHints(file);
    const rows = recorderRows(specification);
    const program = buildProgram(work, file, specification, (header) => recorderProgram(header, rows));
    writeFileSync(join(work, 'calls'), callsOf(file));
    writeFileSync(join(work, 'record.sh'), SCRIPT);
    run('unshare', ['--net', '--pid', '--fork', '--kill-child', 'sh', 'record.sh', program], work);
    copyFileSync(join(work, 'capture'), capture);
  });
  return capture;
}

/** A line for each procedure: its row, its arguments and its result. */
function callsOf(file: string): string {
  const specification = readSpecification(file);
  const builder = new PlanBuilder(specification);
  return recorderRows(specification)
    .map(({ program, version, procedure: { number } }, row) => {
      const definition = specification.programs.find((each) => each.number === program)!;
      const versionOf = definition.versions.find((each) => each.number === version)!;
      const plan = builder.program(definition, versionOf).procedures.get(number)!;
      return `${row} ${hexOf(plan.arguments, 'args')} ${hexOf(plan.result, 'result')}\n`;
    })
    .join('');
}

function hexOf(plan: Plan, name: string): string {
  return writeXdr(plan, new SampleValues().value(plan, name)).toString('hex') || '-';
}

const SCRIPT = `set -eu
ip link set lo up
touch listening ready
tcpdump -i lo -s 0 -B 32768 -w capture 2>listening &
tcpdump=$!
until grep -q listening listening; do sleep 0.1; done
"$1" serve <calls >ready &
server=$!
until grep -q ready ready; do kill -0 $server; sleep 0.1; done
"$1" ask <calls
# Until the kernel has handed on what it holds.
sleep 2
kill $tcpdump $server
wait $tcpdump || true
`;

function run(command: string, args: string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, timeout: SECONDS, encoding: 'utf8' });
  if (status !== 0) throw new RefusedByRpcgen(`${command}: ${error ?? stderr.trim().slice(0, 500)}`);
}
