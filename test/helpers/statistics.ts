/** The statistics of captures and of packets, and their schema. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ByName } from '../../src/analysis/by.js';
import { OperationStatistics } from '../../src/analysis/operation-statistics.js';
import { Statistics } from '../../src/analysis/statistics.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { FileSubjects } from '../../src/dissect/names/file-subjects.js';
import { Names } from '../../src/dissect/names.js';
import { Inspection } from '../../src/index.js';
import { Network } from '../../src/network/network.js';
import { newStamp } from '../../src/network/stamp.js';
import { Messages } from '../../src/rpc/messages.js';
import { feed } from './inspect.js';
import type { TestPacket } from './packets.js';
import { library } from './render.js';

const schema = fileURLToPath(new URL('../../schemas/stats.schema.json', import.meta.url));
const validate = new Ajv2020({ strictTypes: false }).compile(JSON.parse(readFileSync(schema, 'utf8')));

/** What is wrong with a record by schemas/stats.schema.json. */
export function faultsOf(record: object): unknown[] {
  return validate(JSON.parse(JSON.stringify(record))) ? [] : (validate.errors ?? []);
}

interface Asked {
  by?: ByName[];
  interval?: number;
  operations?: boolean;
  totals?: boolean;
}

export async function statisticsOf(
  path: string,
  { by = [], interval, operations = false, totals = false }: Asked = {},
): Promise<Statistics> {
  const Kind = operations ? OperationStatistics : Statistics;
  const inspection: Inspection = await Inspection.open(
    [path],
    {
      library,
      wants: 'names',
      onUnanswered: (exchange, outcome) => statistics.addUnanswered(exchange, outcome),
    },
    (dissection) => statistics.add(dissection),
  );
  const subjects = new FileSubjects(inspection.dissector.names!);
  const statistics = new Kind(() => inspection.exchanges, { by, interval, subjects, totals });
  await inspection.run();
  return statistics;
}

export function statisticsOfPackets(
  packets: readonly TestPacket[],
  by: ByName[] = [],
  interval?: number,
  wants: 'names' | 'status' = 'names',
): Statistics {
  const names = wants === 'names' ? new Names() : null;
  const subjects = names && new FileSubjects(names);
  const statistics: Statistics = new Statistics(() => rpc.exchanges, { by, interval, subjects });
  const rpc: Messages = new Messages(
    newStamp(),
    (message) => statistics.add(dissector.dissect(message)),
    (exchange, outcome) => statistics.addUnanswered(exchange, outcome),
  );
  const network = new Network(rpc, rpc.now);
  const dissector = new Dissector(library, rpc.exchanges, { names, wants });
  feed(network, packets);
  rpc.finish();
  return statistics;
}
