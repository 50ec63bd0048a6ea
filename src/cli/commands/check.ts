/**
 * `rpcdump check <capture...>`: rules for CI. Exit status 1 when one fails, 2 when input or rules could not be read.
 */
import { type Command, Option } from 'commander';
import manifest from '../../../package.json' with { type: 'json' };
import type { Account } from '../../analysis/account.js';
import { Check } from '../../analysis/check/check.js';
import { RULE_KINDS } from '../../analysis/check/index.js';
import type { FilterOptions } from '../../filter/filter.js';
import { REPORT_FORMATS } from '../../output/reports/index.js';
import { jsonReport } from '../../output/reports/json.js';
import { type Report, reportedRule } from '../../output/reports/report.js';
import { textReport } from '../../output/reports/text.js';
import { makeStyles, wantsColor } from '../../terminal/style.js';
import { plural } from '../../xdr/plural.js';
import { CaptureRun, type RunOptions } from '../capture-run.js';
import { CheckPass } from '../check/check-pass.js';
import { ReportTargets } from '../check/report-targets.js';
import { loadRules, type RuleOptions } from '../check/rules.js';
import { EXIT_DONE, EXIT_FAILED } from '../exit.js';
import { loadFilter } from '../filter-option.js';
import { addInputOptions, collect, loadLibrary } from '../options.js';
import type { StandardOutput } from '../standard-output.js';

interface CheckOptions extends RunOptions, RuleOptions {
  json?: true;
  report?: string[];
}

const HELP = `
Kinds of rules in files:
${[...RULE_KINDS.values()].map(({ name, about }) => `  ${name.padEnd(20)}${about}`).join('\n')}

Rules look at messages. Rules that use elapsed, outcome or retransmissions look
at exchanges: a call and its reply together. Without --rules, --fail-on,
--expect and --assert, rules are read from rpcdump.yaml in the current folder;
docs/check.md in the package describes such files.

Examples:
  rpcdump check capture.pcap                    by the rules in rpcdump.yaml
  rpcdump check --fail-on 'status == NFS3ERR_STALE' capture.pcap
  rpcdump check --expect '>= 1 procedure == MNT && type == call' capture.pcap
  rpcdump check --assert 'p99(elapsed) < 10ms where nfs' capture.pcap
  rpcdump check --rules nightly.yaml --report junit=check.xml captures/
  rpcdump check --report github --report sarif=check.sarif capture.pcap`;

export function addCheckCommand(program: Command, finish: (status: number) => void): void {
  const command = program
    .command('check')
    .description('Check traffic against rules, for CI; exit status 1 if one fails');
  addInputOptions(command)
    .addOption(new Option('--rules <file>', 'read rules from this file (repeatable)').argParser(collect))
    .addOption(
      new Option('--fail-on <filter>', 'fail if this filter selects a message (repeatable)').argParser(collect),
    )
    .addOption(
      new Option(
        '--expect <count>',
        "fail unless a filter selects so many messages (repeatable): '>= 3 FILTER'",
      ).argParser(collect),
    )
    .addOption(
      new Option(
        '--assert <statistic>',
        "fail unless a statistic is within its bound (repeatable): 'p99(elapsed) < 10ms where FILTER'",
      ).argParser(collect),
    )
    .option('--calls', 'apply the rules given as options to exchanges: a call and its reply together')
    .option('--allow-empty', 'do not fail on a capture without messages')
    .option('--json', 'write one JSON object per rule')
    .addOption(
      new Option(
        '--report <format[=file]>',
        `also write a report (repeatable): ${[...REPORT_FORMATS.keys()].join(', ')}; '-' is standard output`,
      ).argParser(collect),
    )
    .addHelpText('after', HELP)
    .action(async (captures: string[], options: CheckOptions) => finish(await check(captures, options)));
}

async function check(captures: string[], options: CheckOptions): Promise<number> {
  const filterOptions: FilterOptions = { library: loadLibrary(options), inputs: () => run!.inspection };
  const targets = new ReportTargets(options.report ?? [], options.json === true);
  let run: CaptureRun | undefined;
  try {
    const rules = loadRules(options, filterOptions);
    const checking = new Check(rules.rules, { allowsEmpty: rules.allowsEmpty });
    const filter = await loadFilter(options.displayFilter, filterOptions);
    const pass = new CheckPass(checking, rules.needs, filter);
    run = await openRun(captures, options, pass, filterOptions);
    targets.refuseInputs(run.inspection.files);
    run.filters = filter === null ? rules.filters : [filter, ...rules.filters];
    const account = await run.read(false);
    // Not all of the capture was checked, so the exit status must not be 0.
    if (run.isInterrupted) run.problems.add(`interrupted: ${plural(checking.messages, 'message')} checked`);
    const report = reportOf(checking, run, account, filterOptions);
    write(report, targets, options, run.output);
    const status = await run.end(account);
    return status === EXIT_DONE && report.rules.some((rule) => !rule.ok) ? EXIT_FAILED : status;
  } finally {
    targets.abandon();
  }
}

function write(report: Report, targets: ReportTargets, options: CheckOptions, output: StandardOutput): void {
  const beside = targets.write(report);
  if (options.json) output.buffer.utf8(jsonReport(report));
  else if (!targets.takesOutput) {
    const styles = makeStyles(wantsColor(options.color, output.isTerminal, process.env));
    output.buffer.utf8(textReport(report, styles));
  }
  output.buffer.utf8(beside);
}

/** The pass applies `-Y` itself: to messages, and to exchanges as a whole. */
async function openRun(
  captures: string[],
  { displayFilter: _, ...options }: CheckOptions,
  pass: CheckPass,
  { library }: FilterOptions,
): Promise<CaptureRun> {
  const run = await CaptureRun.open(captures, options, { library, ...pass.inspectOptions }, pass.message);
  await pass.begin(run.inspection);
  run.follower = pass.follower;
  return run;
}

function reportOf(checking: Check, run: CaptureRun, account: Account, { library }: FilterOptions): Report {
  const { files } = run.inspection;
  return {
    rules: checking.results().map((result) => reportedRule(result, files, library)),
    files,
    problems: run.problems.lines,
    missing: run.missingOf(account),
    messages: checking.messages,
    version: manifest.version,
  };
}
