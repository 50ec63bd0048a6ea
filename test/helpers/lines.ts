/** What was printed, by lines. */

export function lines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

/** The values of NDJSON. */
// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
export function parseLines(text: string): any[] {
  return lines(text).map((line) => JSON.parse(line));
}
