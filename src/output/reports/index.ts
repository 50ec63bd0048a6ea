/** The formats of `--report`. To add one: write its file, and its line here. */
import { githubReport } from './github.js';
import { jsonReport } from './json.js';
import { junitReport } from './junit.js';
import type { ReportFormat } from './report.js';
import { sarifReport } from './sarif.js';
import { tapReport } from './tap.js';

export const REPORT_FORMATS: ReadonlyMap<string, ReportFormat> = new Map([
  ['junit', junitReport],
  ['tap', tapReport],
  ['sarif', sarifReport],
  ['github', githubReport],
  ['json', jsonReport],
]);
