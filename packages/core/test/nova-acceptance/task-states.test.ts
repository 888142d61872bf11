import { ComputeError, type AcceptedAction, type VmState } from '@virtkit/core';
import { FakeHypervisor, VirtualClock, type DriverMethod } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { foreignError } from '../support/promises.js';
import { RefusingStore } from '../support/refusing-store.js';
import type { ProvidedCompute } from '../support/memory-providers.js';
import { instanceUuid, ownerContext, runningInstance } from '../support/running-instance.js';
import { storyOf } from '../support/stories/all-stories.js';
import { large } from '../support/two-hosts.js';

type Ask = (fake: ProvidedCompute) => Promise<AcceptedAction>;

const story =
  (name: string): Ask =>
  (fake) =>
    storyOf(name).begin(fake, ownerContext());
const resize: Ask = ({ compute }) => compute.api.moves.resize(ownerContext(), instanceUuid, { flavor: large });
const revert: Ask = ({ compute }) => compute.api.moves.revertResize(ownerContext(), instanceUuid);

interface Row {
  /** The method of Nova's test. */
  readonly nova: string;
  readonly before: readonly Ask[];
  readonly ask: Ask;
  /** The driver's call that fails. */
  readonly at: DriverMethod;
  /** What is true of the instance before it; when the call has done nothing; when it has done its work. */
  readonly vmStates: readonly [VmState, VmState, VmState];
}

function row(
  nova: string,
  name: string,
  at: DriverMethod,
  vmStates: Row['vmStates'],
  led: readonly string[] = [],
): Row {
  return { nova, before: led.map(story), ask: story(name), at, vmStates };
}

/** Nova's 17, in the order of its test. */
const rows: readonly Row[] = [
  row('reboot', 'hardReboot', 'reboot', ['active', 'active', 'active']),
  row('stop', 'stop', 'powerOff', ['active', 'active', 'stopped']),
  row('start', 'start', 'powerOn', ['stopped', 'stopped', 'active'], ['stop']),
  row('terminate', 'terminate', 'destroy', ['active', 'active', 'error']),
  row('soft_delete', 'softDelete', 'softDelete', ['active', 'active', 'stopped']),
  row('restore', 'restore', 'restore', ['soft-delete', 'soft-delete', 'active'], ['softDelete']),
  row('rebuild', 'rebuild', 'rebuild', ['active', 'active', 'active']),
  row('set_admin_password', 'setAdminPassword', 'setAdminPassword', ['active', 'active', 'active']),
  row('rescue', 'rescue', 'rescue', ['active', 'error', 'rescued']),
  row('unrescue', 'unrescue', 'unrescue', ['rescued', 'rescued', 'active'], ['rescue']),
  {
    nova: 'revert_resize',
    before: [resize],
    ask: revert,
    at: 'finishRevertMigration',
    vmStates: ['resized', 'resized', 'resized'],
  },
  { nova: 'prep_resize', before: [], ask: resize, at: 'getVolumeConnector', vmStates: ['active', 'active', 'active'] },
  { nova: 'resize', before: [], ask: resize, at: 'migrateDiskAndPowerOff', vmStates: ['active', 'active', 'active'] },
  row('pause', 'pause', 'pause', ['active', 'active', 'paused']),
  row('unpause', 'unpause', 'unpause', ['paused', 'paused', 'active'], ['pause']),
  row('suspend', 'suspend', 'suspend', ['active', 'active', 'suspended']),
  row('resume', 'resume', 'resume', ['suspended', 'suspended', 'active'], ['suspend']),
];

async function led({ before }: Row): Promise<{ readonly fake: ProvidedCompute; readonly store: RefusingStore }> {
  const store = new RefusingStore();
  const clock = new VirtualClock();
  // A resize finds its way to this host by its name.
  const hypervisor = new FakeHypervisor({ clock, hypervisorHostname: 'host-1' });
  const fake = await runningInstance({ store, clock, hypervisor });
  for (const earlier of before)
    expect(await endedAsPromised(fake, earlier(fake))).toMatchObject({ state: 'succeeded' });
  return { fake, store };
}

describe('Nova’s acceptance cases: task states', () => {
  // Where Nova's test injects its failure: at the notification that it starts. Here it is told by the commit that accepts the request.
  it.each(rows)('R1: $nova that fails before the driver is reached is refused, and as it was', async (each) => {
    const { fake, store } = await led(each);
    await using _ = fake;
    fake.hypervisor.journal.clear();
    const before = await store.getInstance(instanceUuid);
    const actionCount = (await store.listActions(instanceUuid)).length;
    store.refuses = (write) => write.write === 'append-notification' && write.notification.eventType.endsWith('.start');
    await expect(endedAsPromised(fake, each.ask(fake))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(store.strikes).toBeGreaterThan(0);
    expect(fake.hypervisor.journal.entries.map(({ operation }) => operation)).not.toContain(each.at);
    const [vmState] = each.vmStates;
    expect(before).toMatchObject({ vmState, taskState: null, taskOwner: null });
    expect(await store.getInstance(instanceUuid)).toEqual(before);
    expect(await store.listActions(instanceUuid)).toHaveLength(actionCount);
  });

  const moments = rows.flatMap((each) => [
    { ...each, when: 'before' as const, vmState: each.vmStates[1] },
    { ...each, when: 'after' as const, vmState: each.vmStates[2] },
  ]);

  it.each(moments)('R1: $nova that fails $when $at has worked is idle, and $vmState', async (each) => {
    const { fake, store } = await led(each);
    await using _ = fake;
    const error = new ComputeError(
      'GUEST_OPERATION_FAILED',
      { instanceUuid, operation: 'clean up' },
      { cause: foreignError() },
    );
    const { at, when } = each;
    const planned = fake.hypervisor.faults.add({ at, fault: { type: 'throw', error, when }, times: 'always' });
    expect(await endedAsPromised(fake, each.ask(fake))).toMatchObject({ state: 'failed', failure: error.toTenant() });
    expect(planned.strikes).toBeGreaterThan(0);
    const { vmState } = each;
    expect(await store.getInstance(instanceUuid)).toMatchObject({ vmState, taskState: null, taskOwner: null });
  });
});
