import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';

/** What somebody else may make of a record of ours. */
export const damagedRecords: readonly (readonly [what: string, damage: (path: string) => Promise<void>])[] = [
  ['of 1 GiB', (path) => truncate(path, 1024 ** 3)],
  ['whole, and longer by 64 MiB of blanks', (path) => appendFile(path, Buffer.alloc(64 * 1024 ** 2, ' '))],
  ['garbage', (path) => writeFile(path, Buffer.from('\u0000\ufffd]{"__proto__":1}\u001b[31m', 'utf8'))],
  ['of another type', (path) => writeFile(path, '[{}]')],
  ['empty', (path) => writeFile(path, '')],
  [
    'cut',
    async (path) => {
      const whole = await readFile(path);
      await writeFile(path, whole.subarray(0, whole.length / 2));
    },
  ],
];
