/**
 * `--report FORMAT[=FILE]`: reports in addition to the one for people. Files
 * are opened before the capture is read, so that a bad path is reported first.
 */
import { REPORT_FORMATS } from '../../output/reports/index.js';
import type { Report } from '../../output/reports/report.js';
import { suggest } from '../../xdr/suggestion.js';
import { UsageError } from '../exit.js';
import { OutputFile, refuseInput } from '../output-file.js';

const STANDARD_OUTPUT = '-';
/** May share standard output with the text: GitHub's runner filters its lines out. */
const BESIDE_TEXT = 'github';

interface Target {
  format: string;
  /** null: standard output. */
  file: OutputFile | null;
}

export class ReportTargets {
  private readonly targets: Target[] = [];

  /**
   * @param isJson `--json` uses standard output.
   * @throws UsageError for an unknown format, or a file that cannot be written.
   */
  constructor(texts: readonly string[], isJson: boolean) {
    const wanted = texts.map(parse);
    const onOutput = wanted
      .filter(({ format, path }) => path === STANDARD_OUTPUT && (isJson || format !== BESIDE_TEXT))
      .map(({ format }) => format);
    if (isJson) onOutput.push('--json');
    if (onOutput.length > 1) throw new UsageError(`--report: ${onOutput.join(' and ')} cannot share standard output`);
    const paths = wanted.map(({ path }) => path).filter((path) => path !== STANDARD_OUTPUT);
    const twice = paths.find((path, index) => paths.indexOf(path) < index);
    if (twice !== undefined) throw new UsageError(`--report: ${twice} is named twice`);
    try {
      for (const { format, path } of wanted) {
        this.targets.push({ format, file: path === STANDARD_OUTPUT ? null : new OutputFile(path) });
      }
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** @throws UsageError when an input would be overwritten. */
  refuseInputs(inputs: readonly string[]): void {
    for (const { file } of this.targets) if (file !== null) refuseInput(file.path, inputs);
  }

  /** True when a report needs standard output for itself. */
  get takesOutput(): boolean {
    return this.targets.some(({ format, file }) => file === null && format !== BESIDE_TEXT);
  }

  /** Writes the files. @returns The text for standard output. @throws UsageError */
  write(report: Report): string {
    let output = '';
    for (const { format, file } of this.targets) {
      const text = REPORT_FORMATS.get(format)!(report);
      if (file === null) output += text;
      else file.commit(text);
    }
    return output;
  }

  /** Removes incomplete files. */
  abandon(): void {
    for (const { file } of this.targets) file?.abandon();
  }
}

function parse(text: string): { format: string; path: string } {
  const [, format, path] = /^([^=]*)(?:=(.*))?$/s.exec(text)!;
  const formats = [...REPORT_FORMATS.keys()];
  if (!REPORT_FORMATS.has(format)) {
    throw new UsageError(
      `--report: no format '${format}'${suggest(format, formats) || `; there are ${formats.join(', ')}`}`,
    );
  }
  if (path === '' || (path === undefined && format !== BESIDE_TEXT)) {
    throw new UsageError(`--report ${format}=FILE needs a file, or '-' for standard output`);
  }
  return { format, path: path ?? STANDARD_OUTPUT };
}
