import { describe, expect, it } from 'vitest';
import { colourPalette, painted, plainPalette } from '../../src/screen/palette.js';
import { printable } from '../../src/screen/printable.js';
import { row } from '../../src/screen/row.js';
import { terminal } from '../../src/screen/terminal.js';

describe('a terminal', () => {
  it('has colours', () => {
    const { palette } = terminal({ isTTY: true, columns: 100 }, { TERM: 'xterm' });
    expect(painted(row('failed', 'bad'), palette)).toBe('\u001b[31mfailed\u001b[39m');
  });

  it.each([
    ['the output is no terminal', { isTTY: undefined }, {}],
    ['NO_COLOR is set', { isTTY: true }, { NO_COLOR: '1' }],
    ['the terminal is dumb', { isTTY: true }, { TERM: 'dumb' }],
  ])('has none when %s', (_when, traits, env) => {
    expect(terminal(traits, env).palette).toBe(plainPalette);
  });

  it('has them although NO_COLOR is empty, as no-color.org says', () => {
    expect(terminal({ isTTY: true }, { NO_COLOR: '' }).palette).toBe(colourPalette);
  });

  it.each([
    [120, { columns: 120 }, {}],
    [160, { columns: 300 }, {}],
    [40, { columns: 10 }, {}],
    [90, { columns: 0 }, { COLUMNS: '90' }],
    [100, {}, { COLUMNS: 'wide' }],
    [100, {}, {}],
  ])('is %d wide for %o and %o', (width, traits, env) => {
    expect(terminal(traits, env).width).toBe(width);
  });
});

describe('what others have written', () => {
  it('moves no cursor, changes no colour and makes no second line', () => {
    expect(printable('\u001b[31mred\u001b[0m\r\n\u001b]0;title\u0007two\tthree\u0000\u202e')).toBe('red two three??');
  });
});

describe('a painted row', () => {
  it('has no blanks at its end', () => {
    expect(painted([...row('text '), ...row('   ', 'quiet')], plainPalette)).toBe('text');
  });
});
