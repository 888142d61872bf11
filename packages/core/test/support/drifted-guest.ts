import type { HostLifeConfiguration, PowerStateDeviation, VmState } from '@virtkit/core';
import type { InstancePatch } from '@virtkit/core/store';
import { builtInstance } from './built-instance.js';
import { fakeCompute, quietLife, type FakeCompute } from './fake-compute.js';

/** A host that compares its guests with their records, and does nothing else by itself. */
export const syncOnly: HostLifeConfiguration = { everyMs: { ...quietLife.everyMs, powerSync: 600_000 } };

/** A guest as the hypervisor has it, and the record beside it as if the manager had looked away. */
export async function drifted(
  life: HostLifeConfiguration,
  change: (fake: FakeCompute, uuid: string) => void | Promise<void>,
  record: InstancePatch = {},
): Promise<{ fake: FakeCompute; uuid: string; deviations: () => PowerStateDeviation[] }> {
  const first = await fakeCompute({ hostLife: quietLife });
  const { uuid } = await builtInstance(first);
  await first.settled(first.compute.close());
  await change(first, uuid);
  await first.store.commit([{ write: 'update-instance', uuid, patch: record, guard: {} }]);
  const { hypervisor, clock, store } = first;
  const fake = await fakeCompute({ hypervisor, clock, store, hostLife: life });
  return { fake, uuid, deviations: () => deviationsIn(fake.logLines) };
}

/** The first power sync comes before anybody can listen: the log has its deviations. */
function deviationsIn(logLines: readonly string[]): PowerStateDeviation[] {
  return logLines.flatMap((line) => {
    const { instanceUuid, vmState, powerState, reaction } = JSON.parse(line) as Partial<PowerStateDeviation>;
    return instanceUuid && vmState && powerState && reaction ? [{ instanceUuid, vmState, powerState, reaction }] : [];
  });
}

/** What a power sync makes of a guest: its instance's vm state, the reaction, and the guest's own state. */
export async function syncOf(
  vmState: VmState,
  powerStatePolicy: HostLifeConfiguration['powerStatePolicy'] & {},
  change: 'as it was' | 'lost',
): Promise<readonly unknown[]> {
  const record = { vmState, powerState: vmState === 'active' ? 'RUNNING' : 'SHUTDOWN' } as const;
  const lose = ({ hypervisor }: FakeCompute, lost: string): void => {
    if (change === 'lost') hypervisor.loseGuest(lost);
  };
  const { fake, uuid, deviations } = await drifted({ ...syncOnly, powerStatePolicy }, lose, record);
  await using _ = fake;
  await fake.clock.advance(60_000);
  const after = await fake.store.getInstance(uuid);
  return [after.vmState, deviations()[0]?.reaction, fake.hypervisor.look(uuid).guest?.state];
}
