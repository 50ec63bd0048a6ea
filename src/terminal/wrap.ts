/** Words in lines of at most `room` columns; a longer word has a line of its own. */
export function wrapWords(words: readonly string[], room: number): string[] {
  const lines: string[] = [];
  let left = -1;
  for (const word of words) {
    if (word.length + 1 > left) {
      lines.push(word);
      left = room - word.length;
    } else {
      lines[lines.length - 1] += ` ${word}`;
      left -= word.length + 1;
    }
  }
  return lines;
}
