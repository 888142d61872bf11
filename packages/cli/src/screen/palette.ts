import { styleText } from 'node:util';
import type { Row, Tone } from './row.js';

/** How each tone is written. */
export type Palette = Readonly<Record<Tone, (text: string) => string>>;

const asIs = (text: string): string => text;

/** Text and nothing else. */
export const plainPalette: Palette = { plain: asIs, strong: asIs, quiet: asIs, good: asIs, bad: asIs };

const styled =
  (format: Parameters<typeof styleText>[0]) =>
  (text: string): string =>
    styleText(format, text, { validateStream: false });

/** The terminal's own colours, so that they fit light and dark backgrounds. */
export const colourPalette: Palette = {
  plain: asIs,
  strong: styled('bold'),
  quiet: styled('dim'),
  good: styled('green'),
  bad: styled('red'),
};

/** A row as it is written, without blanks at its end. */
export function painted(line: Row, palette: Palette): string {
  const end = line.findLastIndex(({ text }) => text.trim() !== '');
  return line
    .slice(0, end + 1)
    .map(({ text, tone }, index) => palette[tone](index === end ? text.trimEnd() : text))
    .join('');
}
