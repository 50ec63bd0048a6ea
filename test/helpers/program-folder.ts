/** vitest's global setup: a folder for the program that the test files of one run share (`program.ts`), removed at its end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    programFolder: string;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'rpcdump-program-'));
  project.provide('programFolder', folder);
  // Watching, a rerun has other sources.
  project.onTestsRerun(async () => rmSync(join(folder, 'built'), { recursive: true, force: true }));
  return () => rmSync(folder, { recursive: true });
}
