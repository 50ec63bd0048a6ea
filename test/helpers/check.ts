/** Check rules run over captures, or over packets, in this process: what `rpcdump check` makes its reports of. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { missingPhrases } from '../../src/analysis/account.js';
import { Check } from '../../src/analysis/check/check.js';
import { CheckPass } from '../../src/cli/check/check-pass.js';
import { loadRules, type RuleOptions } from '../../src/cli/check/rules.js';
import { Filter, type FilterOptions } from '../../src/filter/filter.js';
import { Inspection } from '../../src/index.js';
import { type Report, reportedRule } from '../../src/output/reports/report.js';
import { library } from './render.js';
import { withCapture, withFolder } from './with-folder.js';

/** The version in reports of tests: that of rpcdump would make their goldens old. */
const VERSION = '0.0.0';

/** @param filter What `-Y` selects. */
export async function checkCaptures(
  captures: readonly string[],
  options: RuleOptions,
  filter?: string,
): Promise<Report> {
  const problems: string[] = [];
  const filterOptions: FilterOptions = { library, inputs: () => inspection };
  const { rules, needs, allowsEmpty } = loadRules(options, filterOptions);
  const check = new Check(rules, { allowsEmpty });
  const pass = new CheckPass(check, needs, filter === undefined ? null : new Filter(filter, filterOptions));
  const onProblem = ({ file, message }: { file: string; message: string }) =>
    problems.push(`${basename(file)}: ${message}`);
  const inspection: Inspection = await Inspection.open(
    captures,
    { library, onProblem, ...pass.inspectOptions },
    pass.message,
  );
  await pass.begin(inspection);
  const account = await inspection.run();
  const files = inspection.files.map((file) => basename(file));
  return {
    rules: check.results().map((result) => reportedRule(result, files, library)),
    files,
    problems,
    missing: missingPhrases(account),
    messages: check.messages,
    version: VERSION,
  };
}

/** By rules in YAML. */
export function checkYaml(captures: readonly string[], yaml: string, filter?: string): Promise<Report> {
  return withFolder(async (folder) => {
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, yaml);
    return checkCaptures(captures, { rules: [file] }, filter);
  });
}

/** The same over packets; frames are numbered from 1, a second apart. */
export function checkPackets(packets: readonly Uint8Array[], yaml: string): Promise<Report> {
  return withCapture(packets, (file) => checkYaml([file], yaml));
}
