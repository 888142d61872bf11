import type { Net } from './net.js';

const matrix = 'packages/core/test/preemption-matrix.test.ts';
const title = (story: string): string =>
  `every operation is preempted at every point ${story} leaves records, providers and guest in agreement`;

const preempted = 'packages/core/test/preempted-steps.test.ts';

export const nets: readonly Net[] = [
  {
    cases: ['A2'],
    without: 'the settling of what was preempted',
    test: matrix,
    title: title('detachVolume'),
    edits: [
      {
        file: 'packages/core/src/runner/preempted-steps.ts',
        from: 'const open = openAmong(actions);',
        to: 'const open = openAmong([]);',
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
        from: 'const open = openAmong(actions);',
        to: 'const open = openAmong([]);',
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
  {
    cases: ['A3'],
    without: 'the question for the volumes of a guest that is to start',
    test: 'packages/core/test/volumes.test.ts',
    title: 'a guest with a volume is not started by a start when another instance has the volume by now',
    edits: [
      {
        file: 'packages/core/src/manager/guest-to-start.ts',
        from: 'const connected = await moves.volumes.connect(spec, { signal });',
        to: 'const connected = spec;',
      },
    ],
  },
  {
    cases: ['A3'],
    without: 'the question for the volumes of a guest that ran when its host went down',
    test: 'packages/core/test/volumes.test.ts',
    title: 'a guest with a volume stays off after a boot of its host: another instance has it',
    edits: [
      {
        file: 'packages/core/src/host-life/boot-resume.ts',
        from: 'await this.#volumes.connect(specOf(instance), { signal })',
        to: 'specOf(instance)',
      },
    ],
  },
  {
    cases: ['A5'],
    without: 'the record of the image of a deleted instance',
    test: 'packages/core/test/shelving.test.ts',
    title:
      'the image that an instance was shelved in is on record until its store has removed it, which it does later than a delete',
    edits: [
      {
        file: 'packages/core/src/runner/record-invariants.ts',
        from: 'if (keepsImage) return whole;',
        to: 'if (keepsImage || nowMs >= 0) return whole;',
      },
    ],
  },
  {
    cases: ['A5'],
    without: 'the record of the image of an instance whose restore was finished by another process',
    test: 'packages/core/test/shelving.test.ts',
    title:
      'the image that an instance was shelved in is removed by the next process when this one dies before the last commit of a restore',
    edits: [
      {
        file: 'packages/core/src/runner/record-invariants.ts',
        from: 'if (keepsImage) return whole;',
        to: 'if (keepsImage || nowMs >= 0) return whole;',
      },
    ],
  },
  {
    cases: ['A12'],
    without: 'the build by which providers know an instance',
    test: 'packages/core/test/create-requests.test.ts',
    title:
      'a uuid that a provider still knows of another build, whose record is lost is refused, and neither its build nor its delete takes anything from the guest: one interface',
    edits: [
      {
        file: 'packages/core/src/model/build-of.ts',
        from: '...(buildUuid !== undefined && { buildUuid }) };',
        to: "...(buildUuid === '' && { buildUuid }) };",
      },
    ],
  },
  {
    cases: ['A6'],
    without: 'the giving back of what a killed build has got',
    test: 'packages/core/test/recovery.test.ts',
    title: 'a build whose process died has on record what its providers say it has: it died after networks.allocate',
    edits: [
      {
        file: 'packages/core/src/recovery/recover-instance.ts',
        from: "if (name === 'build') await releaseUnrecorded(instance, options.providers);",
        to: '',
      },
      {
        file: 'packages/core/src/recovery/recover-instance.ts',
        from: 'if (!action?.steps?.length) return nothingSettled;',
        to: "if (name === 'build' || !action?.steps?.length) return nothingSettled;",
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the list of what an operation has preempted that was cancelled in the queue',
    test: 'packages/core/test/preempted-steps.test.ts',
    title:
      'the steps of an action whose preempting operation never began are settled by the collector within a minute: detachVolume at volumes.unreserve',
    edits: [
      {
        file: 'packages/core/src/dispatch/end-queued.ts',
        from: '...(preempts && stepsListed(instance, clock.now())),',
        to: '...(preempts && isToBuild && stepsListed(instance, clock.now())),',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the list of what an administrator has reset',
    test: 'packages/core/test/preempted-steps.test.ts',
    title:
      'the steps of an action whose preempting operation never began are settled after an administrator has reset the state of an instance that was being worked at',
    edits: [
      {
        file: 'packages/core/src/api/state-reset.ts',
        from: '...(leavesSteps && stepsListed(instance, this.#parts.clock.now()))',
        to: "...(leavesSteps && uuid === '' && stepsListed(instance, this.#parts.clock.now()))",
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the settling of listed steps by the next operation',
    test: 'packages/core/test/preempted-steps.test.ts',
    title:
      'the steps of an action whose preempting operation never began are settled by the next operation, which loses nothing that it gets',
    edits: [
      {
        file: 'packages/core/src/runner/preempted-steps.ts',
        from: 'const actions = preempts || isListed ?',
        to: 'const actions = preempts ?',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the comparison of a step with the reservation on record',
    test: 'packages/core/test/preempted-steps.test.ts',
    title: "a step that nobody has settled takes nothing that a later action has got: { step: 'get-volume', …(3) }",
    edits: [
      {
        file: 'packages/core/src/runner/step-settlement.ts',
        from: 'const isAnothers = known !== undefined && known.reservationId !== reservationId;',
        to: "const isAnothers = known !== undefined && known.reservationId === '';",
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the doubt about a swap that no driver tells of',
    test: 'packages/core/test/preempted-steps.test.ts',
    title:
      'a swap whose end nobody has written down keeps both volumes while no driver can tell, and gives both back with the instance',
    edits: [
      {
        file: 'packages/core/src/runner/step-settlement.ts',
        from: "?? (replacement ? 'new' : undefined);",
        to: "?? (replacement ? 'new' : 'old');",
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the step that stays open while a provider does not tell where a volume is',
    test: 'packages/core/test/preempted-steps.test.ts',
    title: 'a volume that a guest does not let go of is recorded as soon as its provider tells where it is',
    edits: [
      {
        file: 'packages/core/src/runner/step-settlement.ts',
        from: "return found ? 'settled' : 'open';",
        to: "return 'settled';",
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the name of the reservation that an undone detach makes',
    test: 'packages/core/test/preempted-steps.test.ts',
    title:
      'a detach that is preempted while it is undone leaves record and provider with the same reservation: before the guest has the volume again',
    edits: [
      {
        file: 'packages/core/src/runner/step-settlement.ts',
        from: 'const mine = [reservationId, againReservationId].find(',
        to: 'const mine = [reservationId].find(',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the look at a guest that a preempted operation may have changed',
    test: 'packages/core/test/preemption-matrix.test.ts',
    title:
      'every operation is preempted at every point by a force stop that is cancelled before it begins hardReboot leaves records, providers and guest in agreement within two minutes',
    edits: [
      {
        file: 'packages/core/src/runner/preempted-steps.ts',
        from: 'action.uuid !== unit.action.uuid && mayHaveChanged(action, unit.action)',
        to: 'mayHaveChanged(action, unit.action) && action.acceptedAtMs < 0',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the second look before something is given back',
    test: 'packages/core/test/provider-audit.test.ts',
    title:
      'what a provider holds for an instance and its record does not name is given back at the second look when an ended action of the instance has made it',
    edits: [
      {
        file: 'packages/core/src/host-life/provider-audit.ts',
        from: 'if (before?.instance.revision !== seen.instance.revision || before.verdict !== seen.verdict) return false;',
        to: '',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the doubt about a reservation that nobody knows',
    test: 'packages/core/test/provider-audit.test.ts',
    title:
      'what a provider holds for an instance and its record does not name is told once after two looks, and kept, when no action of the instance has made it',
    edits: [
      {
        file: 'packages/core/src/host-life/provider-verdict.ts',
        from: "return isOurs ? 'give back' : 'tell';",
        to: "return 'give back';",
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the look into the guest before a volume is given back',
    test: 'packages/core/test/provider-audit.test.ts',
    title:
      'what a provider holds for an instance and its record does not name is kept and told while a running guest has it open',
    edits: [
      {
        file: 'packages/core/src/host-life/mend-deviation.ts',
        from: "if (!(await isClosed(deviation.volume, instance, deps, signal))) return 'left';",
        to: '',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the comparison of the host that looks with the host of the instance',
    test: 'packages/core/test/provider-audit.test.ts',
    title: 'the verdict on what a provider holds a volume of an instance of another host',
    edits: [
      {
        file: 'packages/core/src/host-life/provider-verdict.ts',
        from: 'const isHere = instance.host === host && hosts',
        to: 'const isHere = hosts',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the look at instances that were deleted',
    test: 'packages/core/test/provider-audit.test.ts',
    title:
      'what a provider holds for an instance and its record does not name is given back of an instance that was deleted: its volume and its interface',
    edits: [
      {
        file: 'packages/core/src/host-life/provider-audit.ts',
        from: 'await page(await this.#deleted(signal));',
        to: '',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the hold that the undo of a swap renews, when the swap is settled',
    test: preempted,
    title: 'swapVolume that is undone leaves the same where a force stop preempts it after volumes.reserve',
    edits: [
      {
        file: 'packages/core/src/runner/step-settlement.ts',
        from: '    if (againReservationId !== undefined) await this.#unreserve(volumeId, againReservationId, options);\n    return',
        to: '    return',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'the hold that an undo has renewed, when the action is done again',
    test: preempted,
    title:
      'detachVolume that is undone leaves volumes held as they are recorded where the process dies after volumes.reserve',
    edits: [
      {
        file: 'packages/core/src/manager/volume-steps.ts',
        from: 'if (renewed.length === 0) return;',
        to: 'if (renewed.length >= 0) return;',
      },
    ],
  },
];
