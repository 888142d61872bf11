import type { Net } from './net.js';

const sweep = 'packages/core/test/dead-host-sweep.test.ts';
const third = 'where the manager that submitted an action for a dead host has died too, a third one';

export const nets: readonly Net[] = [
  {
    cases: ['C15'],
    without: 'the sweep of actions that wait for dead hosts',
    test: sweep,
    title: `${third} ends a queued stop at its deadline, and not before, and the host does not begin it when it is back`,
    edits: [
      {
        file: 'packages/core/src/host-life/host-tasks.ts',
        from: 'run: (signal) => deadHosts.run(signal)',
        to: 'run: async () => void deadHosts',
      },
    ],
  },
  {
    cases: ['C15'],
    without: 'the end of a preempted action in the place of its dead host',
    test: sweep,
    title: `${third} ends a preempted one at its deadline, and leaves the delete that preempted it to its host`,
    edits: [
      {
        file: 'packages/core/src/dispatch/end-for-dead-host.ts',
        from: "      await endPreemptedAction(action, { state: 'cancelled', failure: preempted }, inItsPlace);\n",
        to: '      void [preempted, endPreemptedAction];\n',
      },
    ],
  },
];
