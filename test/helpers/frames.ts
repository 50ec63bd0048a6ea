/** The frames of a capture as a writer takes them, so that tests can write them again in another format, order or number of files. */
import { openCapture } from '../../src/capture/source.js';
import type { TestFrame } from './capture-writer.js';

export interface OwnFrame extends Required<TestFrame> {
  linkType: number;
}

/** Times are whole microseconds, as all formats have them, and no two are the same. */
export async function framesOf(capture: string): Promise<OwnFrame[]> {
  const source = await openCapture(capture);
  const { reader } = source;
  const frames: OwnFrame[] = [];
  let last = 0;
  const take = () => {
    while (reader.next()) {
      const { bytes, start, end, wireLength, seconds, nanoseconds, linkType } = reader.frame;
      last = Math.max(last + 1, seconds * 1e6 + Math.floor(nanoseconds / 1000));
      const data = Buffer.from(bytes.subarray(start, end));
      frames.push({ data, wireLength, linkType, seconds: Math.floor(last / 1e6), nanoseconds: (last % 1e6) * 1000 });
    }
  };
  do take();
  while (await source.fill());
  reader.finish();
  take();
  await source.close();
  return frames;
}
