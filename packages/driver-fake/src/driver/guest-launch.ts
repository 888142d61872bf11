import { ComputeError, type CallOptions, type InstanceSpec } from '@virtkit/core/driver';
import type { FakeDisk, GuestView } from '../hypervisor/guest-view.js';
import { changing, unless } from './changing.js';
import type { DriverCall } from './driver-call.js';
import { toComputeError } from './fake-error.js';
import { stopGuest } from './guest-stop.js';
import { isPresent, readMine } from './managed-view.js';
import { powerStateOf } from './power-state-of.js';
import { plugVifs, vifEventsOf, withVifEvents } from './vif-plugging.js';

/** Makes the disks of a new guest that are not there yet; they are removed again when the call fails later. */
export async function createDisks(
  instance: InstanceSpec,
  present: readonly FakeDisk[],
  call: DriverCall,
): Promise<void> {
  const { connection, undo } = call;
  if (instance.image.location.disk === undefined || present.some(({ id }) => id === 'root')) return;
  undo.push('remove disk root', (options) => connection.disks.remove(instance.uuid, 'root', options));
  await createRootDisk(instance, call);
}

/** Makes the instance's own disk, fresh from its image; none for an image without one. */
export async function createRootDisk(instance: InstanceSpec, call: DriverCall): Promise<void> {
  if (instance.image.location.disk === undefined) return;
  const { connection, signal } = call;
  const sizeGib = Math.max(instance.flavor.rootDiskGib, instance.image.minDiskGib);
  const { generation, image } = instance;
  const madeFor = generation ?? undefined;
  const disk = { id: 'root', sizeGib, imageId: image.id, path: image.location.disk, ...(madeFor && { madeFor }) };
  await changing(call, () => connection.disks.create(instance.uuid, disk, { signal }));
}

/** Makes the guest anew from the spec, or changes the one that is there. One made here is removed when the call fails. */
export async function defineGuest(
  instance: InstanceSpec,
  before: 'present' | 'absent',
  call: DriverCall,
): Promise<void> {
  const { connection, signal, undo } = call;
  if (before === 'absent') {
    undo.push('undefine the guest', (options) => unless(['no-guest'], connection.undefine(instance.uuid, options)));
  }
  await changing(call, () => connection.define(instance, { signal }));
}

/**
 * Plugs, starts and checks. A guest whose network is not ready starts paused and runs when it is, so that it never talks to a
 * network that does not listen. On failure the guest is stopped and its vifs are unplugged.
 */
export async function startGuest(instance: InstanceSpec, call: DriverCall): Promise<void> {
  const { connection, signal, undo } = call;
  const cpus = vifEventsOf(instance).length > 0 ? 'paused' : 'running';
  await withVifEvents(instance, call, async () => {
    await plugVifs(instance, call);
    undo.push('stop the guest', (options) => stopIfActive(call, options));
    await starting(call, () => connection.start(instance.uuid, { cpus, signal }));
  });
  if (cpus === 'paused') await starting(call, () => connection.resumeCpus(instance.uuid, { signal }));
  await mustRun(call);
}

/** Goes on from the saved memory. Until the guest's CPUs run the memory is kept, and a failure leaves it as it was. */
async function restoreGuest(instance: InstanceSpec, call: DriverCall): Promise<void> {
  const { connection, signal, undo } = call;
  await withVifEvents(instance, call, async () => {
    await plugVifs(instance, call);
    undo.push('go back to the saved memory', (options) => backToSavedMemory(call, options));
    await starting(call, () => connection.restoreMemory(instance.uuid, { signal }));
  });
  await starting(call, () => connection.resumeCpus(instance.uuid, { signal }));
  await mustRun(call);
}

/** From whatever state the guest is in to one that runs, with as little change as may be. */
export async function letRun(instance: InstanceSpec, view: GuestView, call: DriverCall): Promise<void> {
  const state = powerStateOf(view);
  if (state === 'RUNNING') return;
  if (state === 'PAUSED') return changing(call, () => call.connection.resumeCpus(instance.uuid, call));
  if (state === 'SUSPENDED') return restoreGuest(instance, call);
  await startAnew(instance, call);
}

/** From whatever is there to a new life, with the disks that are there. */
export async function startAnew(instance: InstanceSpec, call: DriverCall): Promise<void> {
  const view = await readMine(call);
  await stopGuest(view, 'drop', call);
  await defineGuest(instance, isPresent(view) ? 'present' : 'absent', call);
  await startGuest(instance, call);
}

async function backToSavedMemory(call: DriverCall, options: CallOptions): Promise<void> {
  const { connection, instanceUuid } = call;
  const { guest, savedMemory } = await connection.readState(instanceUuid, options);
  if (savedMemory === 'present') await stopIfActive(call, options);
  else if (guest?.state === 'running' && call.overtaken === 'no') await connection.saveMemory(instanceUuid, options);
}

async function starting(call: DriverCall, step: () => Promise<void>): Promise<void> {
  try {
    await changing(call, step);
  } catch (failure) {
    if (call.signal.aborted) throw failure;
    throw toComputeError(failure, { ...call, phase: 'start' });
  }
}

/** A guest may die between its start and the answer: what is returned has been checked. */
async function mustRun({ connection, instanceUuid, signal }: DriverCall): Promise<void> {
  const { guest } = await connection.readState(instanceUuid, { signal });
  if (guest?.state === 'running') return;
  throw new ComputeError(
    'GUEST_START_FAILED',
    { instanceUuid, reason: 'unspecified' },
    { operator: { message: `After its start the guest is ${guest?.state ?? 'gone'}.` } },
  );
}

async function stopIfActive({ connection, instanceUuid }: DriverCall, options: CallOptions): Promise<void> {
  await unless(['no-guest', 'invalid-state'], connection.stop(instanceUuid, options));
}
