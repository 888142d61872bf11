import type { WaysTable } from './way.js';

export const waysOfCapabilities: WaysTable = {
  test: 'packages/core/test/nova-weaknesses.test.ts',
  weaknesses: [
    {
      title: '16. Unsupported is discovered after accept',
      ways: [
        {
          nova: 'a request is accepted, and the driver is found out to be unable when it is carried out',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/requests/gate.ts',
              from: '  if (operation.capability) await target.require(operation.capability, options);\n',
              to: '  void [target, options];\n',
            },
          ],
        },
      ],
    },
    {
      title: '17. Flags lie',
      ways: [
        {
          nova: 'what a driver claims is believed',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/guard/guarded-driver.ts',
              from: 'if (missing.length > 0) {',
              to: 'if (missing.length > 1_000) {',
            },
          ],
        },
        {
          nova: 'the fake driver claims an image cache and cannot cache an image',
          caughtBy: 'the compiler',
          edits: [
            {
              file: 'packages/driver-fake/src/driver/abilities/image-cache.ts',
              from: '    cacheImage: ({ image }, options = {}) =>',
              to: '    cacheNothing: ({ image }, options = {}) =>',
            },
          ],
        },
        {
          nova: 'a flag that others know is missing from the base of all flags',
          caughtBy: 'the compiler',
          edits: [
            {
              file: 'packages/core/src/driver/driver-capabilities.ts',
              from: '  vifs: { plugVifs: true, unplugVifs: true },\n',
              to: '',
            },
          ],
        },
      ],
    },
  ],
};
