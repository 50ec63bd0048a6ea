/** vitest's global setup: a folder for the program that the test files of one run share (`program.ts`), removed at its end. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    programFolder: string;
  }
}

/** `npm run coverage` reads the program with its source maps when all tests are over (`scripts/coverage.js`). */
function keepForCoverage(folder: string): void {
  const { RPCDUMP_COVERAGE } = process.env;
  const built = join(folder, 'built', 'dist', 'src', 'cli');
  if (RPCDUMP_COVERAGE !== undefined && existsSync(built))
    cpSync(built, join(RPCDUMP_COVERAGE, 'program'), { recursive: true });
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'rpcdump-program-'));
  project.provide('programFolder', folder);
  // Watching, a rerun has other sources.
  project.onTestsRerun(async () => rmSync(join(folder, 'built'), { recursive: true, force: true }));
  return () => {
    keepForCoverage(folder);
    rmSync(folder, { recursive: true });
  };
}
