/**
 * The text of a table of Wireshark's names (`nfs3.wireshark` beside `nfs3.x`): lines of a name and the fields that it
 * stands for, separated by blanks. A line that begins with a blank continues the one before; `#` begins a comment.
 */

/** The fields of each name, as written. */
export function readNameTable(text: string): Record<string, string> {
  const lines = text
    .replaceAll(/#.*/g, '')
    .replaceAll(/\n[ \t]+/g, ' ')
    .split('\n');
  const words = lines.map((line) => line.trim().split(/\s+/)).filter(([name]) => name !== '');
  return Object.fromEntries(words.map(([name, ...fields]) => [name, fields.join(' ')]));
}
