/** Cuts text to a number of terminal cells. */
import width from 'fast-string-width';

/** `text` cut to `columns` cells, with an ellipsis in the last one if it is cut. Escape sequences take no cells and are kept. */
export function cutText(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let cells = 0;
  let kept = '';
  let isCut = false;
  for (const [part] of text.matchAll(/\u001b\[[0-9;]*m|./gsu)) {
    if (part.startsWith('\u001b')) kept += part;
    else if (!isCut) {
      cells += width(part);
      isCut = cells > columns - 1;
      kept += isCut ? '…' : part;
    }
  }
  return kept;
}

/** The same for text whose end matters most: `…168.178.20`. For text without escape sequences. */
export function cutStart(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let cells = 0;
  let kept = '';
  for (const part of Array.from(text).reverse()) {
    cells += width(part);
    if (cells > columns - 1) break;
    kept = part + kept;
  }
  return `…${kept}`;
}
