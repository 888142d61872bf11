/** How a piece of text is meant. What that looks like is decided by the {@link Palette}. */
export type Tone = 'plain' | 'strong' | 'quiet' | 'good' | 'bad';

/** A piece of one line of the screen. */
interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One line of the screen. Laid out before it is painted, so that its width is the length of its texts. */
export type Row = readonly Span[];

export function row(text: string, tone: Tone = 'plain'): Row {
  return [{ text, tone }];
}

export const emptyRow: Row = [];

export function widthOf(line: Row): number {
  return line.reduce((width, { text }) => width + text.length, 0);
}

/** The row behind so many spaces. */
export function indented(line: Row, width: number): Row {
  return line.length === 0 ? line : [{ text: ' '.repeat(width), tone: 'plain' }, ...line];
}
