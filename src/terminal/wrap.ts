/** Text in lines that fit the terminal. */

/** The least room for text behind a head: it is not wrapped to less. */
const LEAST_ROOM = 30;

/**
 * Words behind a head, continued below the first of them; each line with its line break.
 * @param columns Of the terminal; null: all words stand in one line.
 */
export function wrapBehind(head: string, words: readonly string[], columns: number | null): string {
  const room = Math.max(LEAST_ROOM, (columns ?? Number.POSITIVE_INFINITY) - head.length);
  const [first = '', ...others] = wrapWords(words, room);
  const lines = [`${head}${first}`.trimEnd(), ...others.map((other) => ' '.repeat(head.length) + other)];
  return lines.map((line) => `${line}\n`).join('');
}

/** The same; a line that is too long is continued below its second word. */
export function wrapLine([first, ...words]: readonly string[], columns: number | null): string {
  return wrapBehind(`${first} `, words, columns);
}

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
