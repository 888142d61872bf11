import type { Net } from './net.js';

const measuredImages = 'packages/providers-local/test/measured-images.test.ts';

export const nets: readonly Net[] = [
  {
    cases: ['D9'],
    without: 'reading the record of what was measured: an image is read in full after each start',
    test: measuredImages,
    title: 'an image that was measured is not read again after a restart',
    edits: [
      {
        file: 'packages/providers-local/src/images/image-check.ts',
        from: 'onRecord ??= await readMeasuredFiles(folder);',
        to: 'onRecord ??= {};',
      },
    ],
  },
  {
    cases: ['D9'],
    without: 'the ctime in what is measured: content may change behind an old size and mtime',
    test: measuredImages,
    title:
      'an image that was measured is refused after a restart when a byte of it has changed, also one with the old time and size',
    edits: [
      {
        file: 'packages/providers-local/src/images/measured-files.ts',
        from: 'ctimeNs: `${ctimeNs}`,',
        to: "ctimeNs: '0',",
      },
    ],
  },
];
