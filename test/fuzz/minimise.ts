/** Makes a failing capture small: frames are left out, then cut, as long as it still fails in the same way. */
import type { Subject, SubjectFrame } from './subjects.js';

/** @param fails Answers whether a candidate still shows the failure. */
export async function minimise(subject: Subject, fails: (candidate: Subject) => Promise<boolean>): Promise<Subject> {
  const frames = await withoutSome(subject.frames, (some) => fails({ ...subject, frames: some }));
  for (let i = 0; i < frames.length; i++) {
    for (let length = 0; length < frames[i].data.length; length += Math.max(1, (frames[i].data.length - length) >> 1)) {
      const candidate = frames.with(i, { ...frames[i], data: frames[i].data.subarray(0, length) });
      if (!(await fails({ ...subject, frames: candidate }))) continue;
      frames[i] = candidate[i];
      break;
    }
  }
  return { ...subject, frames };
}

/** Leaves out ever smaller runs. */
async function withoutSome(
  frames: readonly SubjectFrame[],
  fails: (some: SubjectFrame[]) => Promise<boolean>,
): Promise<SubjectFrame[]> {
  let left = [...frames];
  for (let size = left.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < left.length; ) {
      const fewer = left.toSpliced(at, size);
      if (fewer.length > 0 && (await fails(fewer))) left = fewer;
      else at += size;
    }
  }
  return left;
}
