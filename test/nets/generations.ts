import type { Net } from './net.js';

const generations = 'packages/core/test/generations.test.ts';
const another = 'a record that means another guest than the one that is there';

export const nets: readonly Net[] = [
  {
    cases: ['A1'],
    without: 'the generation that destroy names, in the fake driver',
    test: generations,
    title: `${another} is a build of another project that was refused, and its delete touches nothing`,
    edits: [
      {
        file: 'packages/driver-fake/src/driver/abilities/guests.ts',
        from: '        if (isOfAnother(view, instance.generation)) return;\n',
        to: '',
      },
    ],
  },
  {
    cases: ['A1'],
    without: 'the comparison before every other call',
    test: 'packages/core/test/guest-driver.test.ts',
    title: 'a driver that compares generations does not ask for reboot of another guest of the uuid',
    edits: [
      {
        file: 'packages/core/src/guard/guest-driver.ts',
        from: "row.ofAnother !== 'driver' &&",
        to: "row.ofAnother === 'host' &&",
      },
    ],
  },
  {
    cases: ['A1'],
    without: 'the comparison of what is inspected with what is meant',
    test: generations,
    title: `${another} never takes its state from it, whoever tells of that, and the operator hears of the guest`,
    edits: [
      {
        file: 'packages/core/src/guard/guest-ref.ts',
        from: 'return isAnother(guest, found) ? nothingSeen : found;',
        to: "return guest.uuid === '' ? nothingSeen : found;",
      },
    ],
  },
  {
    cases: ['C4'],
    without: 'the code for a guest that is lost',
    test: 'packages/core/test/lost-guests.test.ts',
    title: 'an instance whose guest is lost is told so by pause, with a fault, and the record says what is there',
    edits: [
      {
        file: 'packages/core/src/runner/operation-runner.ts',
        from: 'const failure = guestLostFrom(thrown);',
        to: 'const failure = thrown;\n        void guestLostFrom;',
      },
    ],
  },
  {
    cases: ['C4'],
    without: 'the new guest that a rebuild makes of a lost one',
    test: 'packages/core/test/lost-guests.test.ts',
    title: 'an instance whose guest is lost gets a new guest by a rebuild, where the driver replaces disks in place',
    edits: [
      {
        file: 'packages/core/src/manager/repair-operations.ts',
        from: 'return await this.#respawn(task, image, blockDevices, signal);\n      }\n      return { patch: { image } };',
        to: 'throw failure;\n      }\n      return { patch: { image } };',
      },
    ],
  },
  {
    cases: ['C5'],
    without: 'what goes on record with a change that nobody has asked for',
    test: 'packages/core/test/power-sync.test.ts',
    title: 'a change that nobody has asked for is on record with the event that told of it: a guest that has crashed',
    edits: [
      {
        file: 'packages/core/src/host-life/power-reaction.ts',
        from: 'const isWritten = await this.#write(instance, truth, change);',
        to: 'const isWritten = await this.#write(instance, truth, change.slice(9));',
      },
    ],
  },
  {
    cases: ['C6'],
    without: 'the look whether the guest of a build that was cut off runs',
    test: 'packages/core/test/recovery.test.ts',
    title: 'a build whose process died is finished when its very guest runs: one with an interface that is described',
    edits: [
      {
        file: 'packages/core/src/recovery/recover-instance.ts',
        from: "if (recovery === 'finish-or-give-up' && isSpawnedAfterAll(interrupted, guest)) {",
        to: "if (recovery === 'finish-or-give-up' && name === 'stop' && isSpawnedAfterAll(interrupted, guest)) {",
      },
    ],
  },
  {
    cases: ['C16'],
    without: 'the question of which image the disk is after a failed rebuild',
    test: 'packages/core/test/repair-operations.test.ts',
    title: 'a rebuild that fails leaves a record that says of which image the disk is: the new disk does not start',
    edits: [
      {
        file: 'packages/core/src/runner/failure-settler.ts',
        from: 'const seen = guest && { ...task.imageSeen(guest), ...task.markSeen(guest) };',
        to: 'const seen = guest && { ...task.markSeen(guest) };',
      },
    ],
  },
  {
    cases: ['C17'],
    without: 'the identity of the instance’s own image in an unshelve',
    test: 'packages/core/test/shelving.test.ts',
    title:
      'an unshelve of what was offloaded gives the driver the instance’s own image, with the place of the one it was shelved in: an image with a disk',
    edits: [
      {
        file: 'packages/core/src/manager/offloaded-guest.ts',
        from: 'return { ...instance.image, diskFormat, minDiskGib,',
        to: 'return { ...shelved, diskFormat, minDiskGib,',
      },
    ],
  },
  {
    cases: ['C24'],
    without: 'the inspection after a failure that claims to have changed nothing',
    test: 'packages/core/test/driver-effects.test.ts',
    title:
      'a driver that claims to have changed nothing and has stopped the guest is not believed: the record says what is true, and the log that it lies',
    edits: [
      {
        file: 'packages/core/src/runner/failure-settler.ts',
        from: "    if (isAsBefore(instance, found)) return 'true';",
        to: "    if (isAsBefore(instance, found) || found.belongings.length < 99) return 'true';",
      },
    ],
  },
  {
    cases: ['C25'],
    without: 'the comparison of guests before the manager is ready',
    test: 'packages/core/test/power-sync.test.ts',
    title: 'the first comparison comes before anybody can read that a guest runs which is stopped',
    edits: [
      {
        file: 'packages/core/src/composition/compute-host.ts',
        from: '      await life.compareFirst();\n',
        to: '',
      },
    ],
  },
  {
    cases: ['A2'],
    without: 'telling a deviation from a provider once',
    test: 'packages/core/test/provider-audit.test.ts',
    title:
      'what a provider holds for an instance and its record does not name is told once after two looks, and kept, when no action of the instance has made it',
    edits: [
      {
        file: 'packages/core/src/host-life/provider-audit.ts',
        from: 'if (seen.isTold) return false;',
        to: '',
      },
    ],
  },
  {
    cases: ['A1'],
    without: 'the comparison of generations before a call overtakes another, in the fake driver',
    test: 'packages/driver-fake/test/conformance.test.ts',
    title: 'calls that overlap destroy of another generation does not disturb a spawn that is under way',
    edits: [
      {
        file: 'packages/driver-fake/src/driver/call-runner.ts',
        from: ' || (change.call.instance.generation ?? null) !== generation',
        to: ' || generation === undefined',
      },
    ],
  },
];
