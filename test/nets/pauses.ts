import type { Net } from './net.js';

export const nets: readonly Net[] = [
  {
    cases: ['A6'],
    without: 'the removal of what a build has made for a guest that it did not come to make',
    test: 'packages/core/test/recovery.test.ts',
    title: 'a build whose process died leaves no disks behind for a guest that was never made: it died at define',
    edits: [
      {
        file: 'packages/core/src/recovery/tidy-absent-guest.ts',
        from: "if (!isLeft || afterFailure !== 'destroy') return guest;",
        to: "if (!isLeft || afterFailure !== 'destroy' || driver) return guest;",
      },
    ],
  },
];
