/**
 * A capture with a call and a reply of every procedure of the programs in a folder of dissectors/: for programs that no server here speaks.
 * Nothing in it was recorded: plans make the values and the XDR writer their bytes.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RAW_IP } from '../../src/capture/link-types.js';
import { DISSECTORS, readSpecification } from '../../src/dissect/library.js';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import type { Plan, ProgramPlan } from '../../src/xdr/plan.js';
import { bytes, type TestFrame, writePcap } from '../helpers/capture-writer.js';
import { client, server, udp } from '../helpers/packets.js';
import { call, reply } from '../helpers/rpc-writer.js';
import { writeXdr } from '../helpers/xdr-writer.js';
import { SampleValues } from './sample-value.js';

/** The clock of the captures: 2026-11-22T06:46:00Z, and 250 µs a message. */
const START_SECONDS = 1_795_329_960;
const NANOSECONDS = 250_000;
const PAYLOAD = Buffer.from('hello\n');

/** Makes the capture of a folder. */
export function syntheticCapture(folder: string): Buffer {
  const messages = programsOf(folder).flatMap(messagesOf);
  const frames = messages.map(
    (make, index): TestFrame => ({
      data: make(index >> 1),
      seconds: START_SECONDS,
      nanoseconds: index * NANOSECONDS,
    }),
  );
  return writePcap(frames, { linkType: RAW_IP });
}

function programsOf(folder: string): ProgramPlan[] {
  const files = readdirSync(join(DISSECTORS, folder)).filter((name) => name.endsWith('.x'));
  return files.sort().flatMap((file) => {
    const specification = readSpecification(join(DISSECTORS, folder, file));
    const builder = new PlanBuilder(specification);
    return specification.programs.flatMap((program) =>
      program.versions.map((version) => builder.program(program, version)),
    );
  });
}

/** A call and a reply of each procedure; each is told its xid. */
function messagesOf({ number: program, version, procedures }: ProgramPlan): ((xid: number) => Buffer)[] {
  return [...procedures.keys()].flatMap((procedure) => {
    const plan = procedures.get(procedure)!;
    return [
      (xid: number) =>
        udp(client, server, call({ xid, program, version, procedure, args: bodyOf(plan.arguments, 'args') })),
      (xid: number) => udp(server, client, reply({ xid, result: bodyOf(plan.result, 'result') })),
    ];
  });
}

function bodyOf(plan: Plan, name: string): Buffer {
  const body = writeXdr(plan, new SampleValues().value(plan, name));
  return plan.kind === 'struct' && plan.payload !== undefined ? bytes(body, PAYLOAD) : body;
}
