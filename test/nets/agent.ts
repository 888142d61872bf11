import type { Net } from './net.js';

const images = 'packages/providers-local/test/images.test.ts';
const reader = 'packages/providers-local/src/directory/read-record.ts';

export const nets: readonly Net[] = [
  {
    cases: ['E12'],
    without: 'the limit of the size of a file for images that were added earlier',
    test: images,
    title: 'an image that is got is held to the limits of today, also when it was added under larger ones',
    edits: [
      {
        file: 'packages/providers-local/src/images/image-check.ts',
        from: 'if (size > fileBytesMax) refuse(',
        to: 'if (size < 0) refuse(',
      },
    ],
  },
  {
    cases: ['E12'],
    without: 'the limit of what is read of a record',
    test: 'packages/providers-local/test/networks.test.ts',
    title: 'the networks are not guessed at when their records are damaged: whole, and longer by 64 MiB of blanks',
    edits: [
      {
        file: reader,
        from: 'if (size > bytesMax) throw',
        to: 'if (size < 0) throw',
      },
    ],
  },
  {
    cases: ['E12'],
    without: 'telling a damaged record of an image from a file system that fails',
    test: images,
    title: 'an image that is got is refused when its record is damaged, which hides no other: cut',
    edits: [
      {
        file: reader,
        from: "throw new DamagedRecord('it is not what was written', { cause });",
        to: 'throw cause;',
      },
    ],
  },
  {
    cases: ['C11'],
    without: 'refusing what is missing in a request before the names of its fields are listed',
    test: 'packages/core/test/wrong-arguments.test.ts',
    title: 'an object of 100,000 fields is refused before its fields are listed in the place of a request',
    edits: [
      {
        file: 'packages/core/src/requests/plain-copy.ts',
        from: 'if (result.success) return copy;',
        to: 'if (result.success || schema) return copy;',
      },
    ],
  },
];
