import type { Net } from './net.js';

const door = 'packages/core/src/requests/door.ts';
const contexts = 'packages/core/test/request-context.test.ts';

export const nets: readonly Net[] = [
  {
    cases: ['B1'],
    without: 'a role that is left out is a tenant’s',
    test: contexts,
    title: 'a context whose role is left out is a tenant’s: undefined',
    edits: [
      {
        file: 'packages/core/src/model/request-context.ts',
        from: "requestId, role = 'tenant', actionUuid }",
        to: "requestId, role = 'admin', actionUuid }",
      },
    ],
  },
  {
    cases: ['B1'],
    without: 'contexts are checked at the door',
    test: contexts,
    title: 'a context that changes while it is read is refused when it cannot be read',
    edits: [{ file: door, from: 'checkedContext(context)', to: 'context as RequestContext' }],
  },
];
