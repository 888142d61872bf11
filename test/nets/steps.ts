import type { Net } from './net.js';

const matrix = 'packages/core/test/preemption-matrix.test.ts';
const title = (story: string): string =>
  `every operation is preempted at every point ${story} leaves records, providers and guest in agreement`;

export const nets: readonly Net[] = [
  {
    cases: ['A2'],
    without: 'the settling of what was preempted',
    test: matrix,
    title: title('detachVolume'),
    edits: [
      {
        file: 'packages/core/src/runner/preempted-steps.ts',
        from: 'await openActions(task.instance.uuid, parts.records) : [];',
        to: '[] : [];',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the settling of what was preempted, on real files',
    test: 'packages/providers-local/test/preempted-rounds.test.ts',
    title: 'records, providers and guests agree whatever is preempted at whatever moment, on real files',
    edits: [
      {
        file: 'packages/core/src/runner/preempted-steps.ts',
        from: 'await openActions(task.instance.uuid, parts.records) : [];',
        to: '[] : [];',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the refusal of a reservation that has ended',
    test: 'packages/providers-local/test/volumes.test.ts',
    title: 'a volume is refused under a reservation that has ended: a late call does not touch the next holder',
    edits: [
      {
        file: 'packages/providers-local/src/volumes/reservations.ts',
        from: 'volume.endedReservations?.includes(reservationId)',
        to: 'volume.endedReservations?.includes(volume.id)',
      },
    ],
  },
  {
    cases: ['A12'],
    without: 'the comparison of builds by the networks',
    test: 'packages/providers-local/test/networks.test.ts',
    title:
      'the interfaces of an instance are of one build of their instance: another build of its uuid is refused, and takes nothing back',
    edits: [
      {
        file: 'packages/providers-local/src/networks/local-networks.ts',
        from: 'return known?.buildUuid === buildUuid ? known : undefined;',
        to: 'return known !== undefined || buildUuid === undefined ? known : undefined;',
      },
    ],
  },
];
