import type { Net } from './net.js';

const ends = 'packages/core/test/action-ends.test.ts';
const closes = 'packages/core/test/close-of-two-hosts.test.ts';
const assembleHost = 'packages/core/src/composition/assemble-host.ts';
const deadlines = 'packages/core/test/deadlines.test.ts';
const deadHost = 'packages/core/test/dead-host.test.ts';
const endOfAction = 'packages/core/src/recorders/end-of-action.ts';

export const nets: readonly Net[] = [
  {
    cases: ['C1'],
    without: 'the exception notification in the end of an action',
    test: ends,
    title:
      'every end of an action tells an exception of a build that was killed at define, once, with its fault and its end',
    edits: [
      {
        file: endOfAction,
        from: '!isCallersFault(failure) && !staged.some(isException)',
        to: '!isCallersFault(failure) && staged.some(isException)',
      },
    ],
  },
  {
    cases: ['C2'],
    without: 'the record of a start that was told',
    test: ends,
    title: 'every end of an action tells one start and one end of a pause that is killed and done again, three times',
    edits: [
      {
        file: 'packages/core/src/records/records.ts',
        from: '    if (unit.isStarted) return await this.#commitUnit(unit, writes);\n',
        to: '',
      },
    ],
  },
  {
    cases: ['C2'],
    without: 'the terminal notification in the end of a preempted action',
    test: ends,
    title:
      'every end of an action tells the error of an operation that a delete preempts, and no state that is not its own',
    edits: [
      {
        file: endOfAction,
        from: 'isStarted && !staged.some(isTerminalNotice)',
        to: 'isStarted && staged.some(isTerminalNotice)',
      },
    ],
  },
  {
    cases: ['C7'],
    without: 'the fault in the end of an action that nobody knows the outcome of',
    test: ends,
    title:
      'every end of an action tells fault, exception and error of an operation whose outcome nobody knows when it is preempted',
    edits: [
      {
        file: endOfAction,
        from: 'isNewFailure && !staged.some(isFault)',
        to: 'isNewFailure && staged.some(isFault)',
      },
    ],
  },
  {
    cases: ['C3'],
    without: 'the look at the record where the end was not written here',
    test: ends,
    title:
      'what is said of an action after the host was taken over is what its record says: a pause that the successor ends as succeeded',
    edits: [
      {
        file: 'packages/core/src/dispatch/dispatcher.ts',
        from: 'work.then((action) => this.#ends.finished(action))',
        to: 'work',
      },
    ],
  },
  {
    cases: ['C9'],
    without: 'the deadline of accepting',
    test: deadlines,
    title: 'the deadline of a request bounds its accepting: images.getImage hangs, 5000 ms',
    edits: [
      {
        file: 'packages/core/src/requests/acceptance.ts',
        from: 'await unlessAborted(this.#planned(context, plan, call), call.signal)',
        to: 'await this.#planned(context, plan, call)',
      },
    ],
  },
  {
    cases: ['C9'],
    without: 'the end of provider calls when a manager closes',
    test: deadlines,
    title: 'the end of a manager comes in time though every call of a provider hangs from volumes.reserve on',
    edits: [
      {
        file: 'packages/core/src/composition/assemble-requests.ts',
        from: '    ...(lastMoment && { lastMoment }),\n',
        to: '',
      },
    ],
  },
  {
    cases: ['C9'],
    without: 'the end of calls to other hosts when a manager closes',
    test: closes,
    title:
      'the end of a manager, while an instance moves between it and another comes in time: migration, no guest is defined, no volume let go, after 1000 ms',
    edits: [
      {
        file: assembleHost,
        from: 'const peers = new BoundedPeers(ports.peers, lastMoment.signal);',
        to: 'const { peers } = ports; void BoundedPeers;',
      },
    ],
  },
  {
    cases: ['C9'],
    without: 'the end of driver calls when a manager closes',
    test: closes,
    title:
      'the end of a manager, while an instance moves between it and another comes in time: migration, the source hangs, after 1000 ms',
    edits: [{ file: assembleHost, from: 'graceMs, fence, lastMoment };', to: 'graceMs, fence }; void lastMoment;' }],
  },
  {
    cases: ['C12'],
    without: 'the doubt about a request whose commit was made and not answered',
    test: 'packages/core/test/begun-at-once.test.ts',
    title:
      'a request whose commit is made and whose answer comes too late is carried out when its caller has only given up: pause',
    edits: [
      {
        file: 'packages/core/src/requests/acceptance.ts',
        from: '      if (!isRefused) onLost?.();\n',
        to: '',
      },
    ],
  },
  {
    cases: ['C12'],
    without: 'trying again after a code that the store made up',
    test: ends,
    title:
      'the end of an action that the store refuses with a code of its own is written when the store takes it: INTERNAL for a while',
    edits: [
      {
        file: 'packages/core/src/records/records.ts',
        from: 'if (signal.aborted || isRefusal(failure) || !isPatient) throw failure;',
        to: "if (signal.aborted || !isComputeError(failure, 'STORE_UNAVAILABLE')) throw failure;",
      },
    ],
  },
  {
    cases: ['C13'],
    without: 'hearing of a listener that rejects',
    test: 'packages/core/test/compute-events.test.ts',
    title: 'a listener of the events of a manager that rejects is logged and harms nobody',
    edits: [
      {
        file: 'packages/core/src/model/compute-events.ts',
        from: '        if (isThenable(answer)) void Promise.resolve(answer).catch(report);\n',
        to: '        if (isThenable(answer)) void Promise.resolve(answer).catch(() => undefined);\n',
      },
    ],
  },
  {
    cases: ['C15'],
    without: 'the look whether somebody looks after the host of an instance',
    test: deadHost,
    title: 'of an instance on a dead host, another manager refuses a stop, and writes nothing',
    edits: [
      {
        file: 'packages/core/src/requests/hosts.ts',
        from: "    if (seen?.lease === 'lasting') return;\n",
        to: '    if (seen) return;\n',
      },
    ],
  },
  {
    cases: ['C15'],
    without: 'the end of a queued action in the place of its dead host',
    test: deadHost,
    title:
      'of an instance on a dead host, another manager cancels a queued stop in the place of its host, which does not begin it',
    edits: [
      {
        file: 'packages/core/src/dispatch/end-for-dead-host.ts',
        from: "  if (seen?.lease === 'lasting') return false;\n",
        to: '  if (seen) return false;\n',
      },
    ],
  },
  {
    cases: ['C15'],
    without: 'that an evacuation spares a delete',
    test: deadHost,
    title:
      'of an instance on a dead host, another manager does not evacuate it while its delete is queued, and the delete is carried out when the host is back',
    edits: [
      {
        file: 'packages/core/src/model/operations/repair.ts',
        from: "    spares: ['deleting'],\n",
        to: '',
      },
    ],
  },
  {
    cases: ['C18'],
    without: 'telling a migration that is over from an instance that is gone',
    test: 'packages/core/test/live-migration.test.ts',
    title: 'a live migration that is over takes no abortLiveMigration: there is none any more, and the instance lives',
    edits: [
      {
        file: 'packages/core/src/manager/move-operations.ts',
        from: "if (!isComputeError(failure, 'INSTANCE_NOT_FOUND') && !isComputeError(failure, 'GUEST_LOST')) return failure;",
        to: 'if (failure) return failure;',
      },
    ],
  },
  {
    cases: ['C23'],
    without: 'the guest’s own time in the deadline of a call',
    test: deadlines,
    title: 'the deadline of a request is the driver call’s and the guest’s time: 190000 ms of grace',
    edits: [{ file: 'packages/core/src/guard/guarded-driver.ts', from: ' + requestedMs(request)', to: '' }],
  },
  {
    cases: ['E4'],
    without: 'the operator’s words in the failure of a start',
    test: 'packages/core/test/create-compute.test.ts',
    title:
      'a compute manager that cannot start tells the operator who starts it the whole sentence, from its operator facts, and tenants what they always read',
    edits: [
      {
        file: 'packages/core/src/composition/compute-host.ts',
        from: 'throw forOperator(failure);',
        to: 'throw failure;',
      },
    ],
  },
  {
    cases: ['E7'],
    without: 'the user of the service',
    test: 'packages/core/test/power-policy.test.ts',
    title: 'under the policy enforce a guest that stops by itself',
    edits: [
      {
        file: 'packages/core/src/host-life/service-context.ts',
        from: "({ projectId }: Instance): RequestContext {\n  return requestContext({ projectId, userId: SERVICE_USER_ID, role: 'service' });",
        to: "({ projectId, userId }: Instance): RequestContext {\n  return requestContext({ projectId, userId, role: 'service' });",
      },
    ],
  },
  {
    cases: ['E8'],
    without: 'the names of hosts without a manager at the start',
    test: deadHost,
    title:
      'after a change of the host’s name requests for its instances are refused with both names for the operator, and the start warns of them',
    edits: [
      { file: 'packages/core/src/composition/compute-host.ts', from: '      await this.#warnOfUnserved();\n', to: '' },
    ],
  },
  {
    cases: ['C8'],
    without: 'the refusal of what a move asks for an instance that is being deleted',
    test: 'packages/core/test/moves-preempted.test.ts',
    title: 'a delete and the move that it preempts do not wait for each other live migration',
    edits: [
      {
        file: 'packages/core/src/peers/laned-half.ts',
        from: '        if (giving.has(method)) await refuseDeleted(instanceUuid, records);\n',
        to: '',
      },
      {
        file: 'packages/core/src/peers/laned-half.ts',
        from: "{ operation: 'delete', manner: 'overtake' } as const",
        to: "{ operation: 'delete', manner: 'wait' } as const",
      },
    ],
  },
];
