import type { Net } from './net.js';

export const nets: readonly Net[] = [
  {
    cases: ['C11'],
    without: 'the check of arguments in the guard of the store',
    test: 'packages/core/test/guarded-store.test.ts',
    title:
      'a guarded store refuses a number for a uuid with INVALID_INPUT at once: the store is not asked, and nothing is tried again',
    edits: [
      {
        file: 'packages/core/src/guard/guarded-store.ts',
        from: '      checkStoreCall(method, ...args.slice(0, optionsAt));\n',
        to: '',
      },
    ],
  },
  {
    cases: ['C11'],
    without: 'the check of arguments in the SQLite store',
    test: 'packages/store-sql/test/sqlite-conformance.test.ts',
    title:
      'arguments that are refused the uuid of getInstance is checked: anything else is INVALID_INPUT, and the store goes on',
    edits: [
      {
        file: 'packages/store-sql/src/sqlite/sqlite-store.ts',
        from: "    if (method !== 'backup') checkStoreCall(method, ...values);\n",
        to: '',
      },
    ],
  },
];
