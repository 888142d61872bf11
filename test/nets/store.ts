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
  {
    cases: ['C21'],
    without: 'looking whether the file of records is still there',
    test: 'packages/store-sql/test/sqlite-trouble.test.ts',
    title:
      'a file that is lost while it is open and is deleted acknowledges nothing more, and leaves the next one alone',
    edits: [
      {
        file: 'packages/store-sql/src/sqlite/file-identity.ts',
        from: '    for (const [path, identity] of this.#paths) {',
        to: '    for (const [path, identity] of new Map<string, string>()) {',
      },
    ],
  },
  {
    cases: ['C21'],
    without: 'telling another file of the same name from the one that was opened',
    test: 'packages/store-sql/test/sqlite-trouble.test.ts',
    title:
      'a file that is lost while it is open and is replaced by a copy acknowledges nothing more, and leaves the next one alone',
    edits: [
      {
        file: 'packages/store-sql/src/sqlite/file-identity.ts',
        from: '      if (present !== identity) throw',
        to: '      if (present === identity + GONE) throw',
      },
    ],
  },
  {
    cases: ['A8'],
    without: 'following links to disks of instances',
    test: 'packages/providers-local/test/image-places.test.ts',
    title: 'an image is in use by a disk that was moved, with a link left behind',
    edits: [
      {
        file: 'packages/providers-local/src/images/overlays-in.ts',
        from: 'return await stat(path, { bigint: true });',
        to: 'return await (await import("node:fs/promises")).lstat(path, { bigint: true });',
      },
    ],
  },
  {
    cases: ['A8'],
    without: 'doubt about a disk whose head is damaged',
    test: 'packages/providers-local/test/image-places.test.ts',
    title: 'an image is in use by a disk with a damaged head',
    edits: [
      {
        file: 'packages/providers-local/src/images/overlays-in.ts',
        from: "if (head === 'damaged' || depth >= CHAIN_MAX) return true;",
        to: "if (head === 'damaged') return false;",
      },
    ],
  },
  {
    cases: ['A9'],
    without: 'following the tables of a qcow2 disk',
    test: 'packages/providers-local/test/inspect-disk.test.ts',
    title: 'the tables of a qcow2 disk must not point beyond the end of the file: a cluster',
    edits: [
      {
        file: 'packages/providers-local/src/disk-format/inspect-disk.ts',
        from: '    await requireQcow2Tables(head, fileSizeBytes, read);\n',
        to: '',
      },
    ],
  },
];
