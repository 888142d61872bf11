import type { Net } from './net.js';

export const nets: readonly Net[] = [
  {
    cases: ['C14'],
    without: 'the wait for the store: a lease that has run out counts as lost',
    test: 'packages/core/test/host-tenure.test.ts',
    title:
      'a host whose store was away for longer than its lease carries out what is requested as soon as the store is back: nobody else is there',
    edits: [
      {
        file: 'packages/core/src/records/host-tenure.ts',
        from: "      if (!this.#session) throw new ComputeError('SESSION_LOST', {});\n",
        to: "      throw new ComputeError('SESSION_LOST', {});\n",
      },
    ],
  },
  {
    cases: ['A4', 'C14'],
    without: 'the wall clock: a machine that has slept believes its monotonic clock',
    test: 'packages/core/test/host-tenure.test.ts',
    title:
      'the fence of a host throws SESSION_LOST when the machine has slept and another manager has come meanwhile, now and for ever',
    edits: [
      {
        file: 'packages/core/src/records/lease-end.ts',
        from: 'Math.min(byMonotonicMs, this.#wallMs - this.#clock.now())',
        to: 'byMonotonicMs',
      },
    ],
  },
  {
    cases: ['A4'],
    without: 'the question before each changing call of the driver',
    test: 'packages/core/test/guarded-driver.test.ts',
    title: 'a guarded driver behind a fence is not asked for a change once the host is lost',
    edits: [
      {
        file: 'packages/core/src/guard/guarded-driver.ts',
        from: 'const entry = new FencedEntry(fence);',
        to: 'const entry = new FencedEntry(fence && undefined);',
      },
    ],
  },
  {
    cases: ['A4'],
    without: 'the question before each changing call of a provider',
    test: 'packages/core/test/guarded-provider.test.ts',
    title: 'a guarded provider is not asked to aMethodOfTomorrow once the host is lost',
    edits: [
      {
        file: 'packages/core/src/guard/guarded-provider.ts',
        from: 'new FencedEntry(reads.includes(method) ? undefined : fence)',
        to: 'new FencedEntry(reads.length > 0 ? undefined : fence)',
      },
    ],
  },
  {
    cases: ['A4'],
    without: 'the refusal of older epochs by the simulated hypervisor',
    test: 'packages/driver-fake/test/replaced-manager.test.ts',
    title: 'the hypervisor refuses a request that a replaced manager has sent, and nothing is changed',
    edits: [
      {
        file: 'packages/driver-fake/src/hypervisor/step-runner.ts',
        from: '    if (!isReading(step)) this.#refuseReplaced(step);\n',
        to: '',
      },
    ],
  },
  {
    cases: ['A4'],
    without: 'the fence in the undo of the fake driver',
    test: 'packages/driver-fake/test/replaced-manager.test.ts',
    title:
      'the fake driver in the middle of a call that loses its host undoes nothing after 2 steps of a spawn, and says that nobody knows',
    edits: [
      {
        file: 'packages/driver-fake/src/driver/call-runner.ts',
        from: "      if (fence.isLost || isComputeError(failure, 'SESSION_LOST')) throw lostError(failure, call);\n",
        to: '',
      },
      {
        file: 'packages/driver-fake/src/driver/call-runner.ts',
        from: '      if (fence.isLost) throw lostError(first, call);\n',
        to: '',
      },
    ],
  },
  {
    cases: ['A4'],
    without: 'the refusal of older epochs by the local providers',
    test: 'packages/providers-local/test/replaced-manager.test.ts',
    title:
      'providers of volumes, reserving refuse the change of a manager that was replaced, also after they were opened again',
    edits: [
      {
        file: 'packages/providers-local/src/directory/leader-epochs.ts',
        from: "    if (epochs.some((epoch) => epoch > leader.epoch)) throw new ComputeError('SESSION_LOST', {});\n",
        to: '',
      },
    ],
  },
  {
    cases: ['A4'],
    without: 'the end of a libvirt call that lost its host after its first effect',
    test: 'packages/driver-libvirt/test/driver-calls.test.ts',
    title:
      'a call of the driver that loses its host ends with OUTCOME_UNKNOWN after its first effect, and undoes nothing',
    edits: [
      {
        file: 'packages/driver-libvirt/src/call-fence.ts',
        from: "      if (this.#effects === 'some') throw new ComputeError('OUTCOME_UNKNOWN', { operation }, { cause: failure });\n",
        to: '',
      },
    ],
  },
];
