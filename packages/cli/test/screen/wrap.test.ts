import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrap } from '../../src/screen/wrap.js';

const withoutSpaces = (text: string): string => text.replaceAll(' ', '');

describe('wrap', () => {
  it('breaks between words, and fills each line as far as it goes', () => {
    expect(wrap('one failure and two readers', 11)).toEqual(['one failure', 'and two', 'readers']);
  });

  it('breaks inside a word only where the word alone is too long', () => {
    expect(wrap('at /var/lib/virtkit now', 8)).toEqual(['at', '/var/lib', '/virtkit', 'now']);
  });

  it('makes one empty line of nothing', () => {
    expect(wrap('', 10)).toEqual(['']);
  });

  it('keeps within the width and loses nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 60 }), (text, width) => {
        const lines = wrap(text, width);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
        expect(withoutSpaces(lines.join(''))).toBe(withoutSpaces(text));
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a width of %d', (width) => {
    expect(() => wrap('text', width)).toThrow(/accepted: a whole number from 1/);
  });
});
