import type { Net } from './net.js';

const requests = 'packages/core/test/create-requests.test.ts';
const again =
  'a request that the first release has accepted under its idempotency key is the same when it is sent again:';

export const nets: readonly Net[] = [
  {
    cases: ['E11'],
    without: 'comparing with what the first release has recorded',
    test: requests,
    title: `${again} a creation as it was sent`,
    edits: [
      {
        file: 'packages/core/src/requests/acceptance.ts',
        from: '[parameters, formerParameters].some(',
        to: '[parameters].some(',
      },
    ],
  },
  {
    cases: ['E11'],
    without: 'the order in which a caller has sent its fields',
    test: requests,
    title: `${again} a creation with its fields in an order of its own`,
    edits: [
      {
        file: 'packages/core/src/requests/request-digest.ts',
        from: 'asGiven(request) ?? request',
        to: 'request',
      },
    ],
  },
  {
    cases: ['E11'],
    without: 'that the first release recorded no usual grace periods',
    test: requests,
    title: `${again} a stop`,
    edits: [
      {
        file: 'packages/core/src/requests/shutdown-parameters.ts',
        from: '    ...(gracePeriodMs !== undefined && { gracePeriodMs }),\n',
        to: '    gracePeriodMs: gracePeriodMs ?? 60_000,\n',
      },
    ],
  },
];
