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
        from: '    if (isOfPort(method)) checkStoreCall(method, ...values);\n',
        to: '',
      },
    ],
  },
  {
    cases: ['C20'],
    without: 'setting aside the instances whose records are damaged',
    test: 'packages/core/test/damaged-records.test.ts',
    title:
      'a start with a damaged record of an instance (cut off) sets that instance aside by its uuid, and all else works',
    edits: [
      {
        file: 'packages/core/src/recovery/recover-host.ts',
        from: 'for (const uuid of await setDamagedAside(options)) {',
        to: 'for (const uuid of [] as string[]) {',
      },
    ],
  },
  {
    cases: ['C20'],
    without: 'the check that a record is of the shape that is worked with',
    test: 'packages/core/test/damaged-records.test.ts',
    title:
      'a start with a damaged record of an instance (one whose devices are a text) sets that instance aside by its uuid, and all else works',
    edits: [
      {
        file: 'packages/store-sql/src/sql/decode-record.ts',
        from: '    Object.entries(shapes[record]).every(([field, type]) => isOf(value[field], type)) &&\n',
        to: '',
      },
    ],
  },
  {
    cases: ['C20'],
    without: 'leaving damaged records out of lists',
    test: 'packages/store-sql/test/sqlite-trouble.test.ts',
    title: 'a damaged record makes no page short: who reads page by page would take it for the last one',
    edits: [
      {
        file: 'packages/store-sql/src/sqlite/sqlite-store.ts',
        from: '    return await decodeInSlices(await list(), (record) => decodeInstance(record));',
        to: '    return instances;',
      },
    ],
  },
];
