import { stripVTControlCharacters } from 'node:util';

/**
 * Text of somebody else (a guest, a hypervisor) as it may stand on a terminal: one line that moves no cursor and changes no
 * colour, of characters that are one column wide.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\s+/gu, ' ')
    .replace(/[^\x20-\x7e]/gu, '?')
    .trim();
}
