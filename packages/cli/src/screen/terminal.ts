import { colourPalette, plainPalette, type Palette } from './palette.js';

export interface TerminalTraits {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Terminal {
  readonly width: number;
  readonly palette: Palette;
}

/** Lines that are longer are hard to read. */
const WIDTH_MAX = 160;
/** Narrower terminals break the lines themselves. */
const WIDTH_MIN = 40;
const WIDTH_OF_PLAIN_OUTPUT = 100;

/** How to write to an output: plain unless it is a terminal, and on one when NO_COLOR is set (no-color.org) or it is dumb. */
export function terminal({ isTTY, columns }: TerminalTraits, env: NodeJS.ProcessEnv): Terminal {
  const isColourful = isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  // A terminal that does not know its size says 0.
  const width = columns || Number(env['COLUMNS']) || WIDTH_OF_PLAIN_OUTPUT;
  return {
    width: Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, Math.floor(width))),
    palette: isColourful ? colourPalette : plainPalette,
  };
}
