/**
 * Breaks text into lines of at most `width` characters: between words, and inside a word only where it alone is too long.
 * Keeps every character but the spaces at the breaks. Empty text is one empty line.
 */
export function wrap(text: string, width: number): readonly string[] {
  if (!Number.isInteger(width) || width < 1) throw new RangeError(`width is ${width}; accepted: a whole number from 1`);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => pieces(each, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): readonly string[] {
  const found: string[] = [];
  for (let rest = word; ; rest = rest.slice(width)) {
    found.push(rest.slice(0, width));
    if (rest.length <= width) return found;
  }
}
