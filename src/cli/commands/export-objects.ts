/** `--export-objects DIR`: writes the contents of files that READ and WRITE carried, instead of listing messages. */
import { FileTransfers } from '../../analysis/file-transfers.js';
import { objectsRecords, objectsText } from '../../output/objects.js';
import { plural } from '../../xdr/plural.js';
import { CaptureRun, type RunOptions } from '../capture-run.js';
import { ObjectStore } from '../object-store.js';
import { say } from '../problems.js';

export interface ExportOptions extends RunOptions {
  exportObjects?: string;
  count?: number;
  json?: true;
}

/** @returns The exit status. */
export async function exportObjects(folder: string, captures: string[], options: ExportOptions): Promise<number> {
  let transfers: FileTransfers;
  let selected = 0;
  const run: CaptureRun = await CaptureRun.open(
    captures,
    options,
    { observe: (dissection, isSelected) => transfers.add(dissection, isSelected) },
    () => {
      if (++selected === options.count) run.inspection.stop();
    },
  );
  const { dissector } = run.inspection;
  const store = new ObjectStore(folder, () => dissector.names);
  transfers = new FileTransfers(dissector, store);
  const account = await run.read(false);
  const objects = store.finish();
  const { files } = run.inspection;
  const records = objectsRecords(objects, files.length > 1 ? files : null);
  store.writeList(records);
  run.output.buffer.utf8(options.json ? records : objectsText(objects));
  const status = await run.end(account);
  if (objects.length === 0) say('no READ or WRITE carried contents of files');
  const left = (count: number, why: string) => {
    if (count > 0) say(`${plural(count, 'transfer')} left out: ${why}`);
  };
  left(transfers.unplaced, 'file or offset is not known');
  left(store.dropped, 'their files are beyond the most that are told apart');
  const { numbered } = transfers;
  if (numbered > 0)
    say(`${numbered} WRITE_SAME without the numbers of blocks, of which no RFC says how many bytes they take`);
  return status;
}
