import { ComputeError, type CallOptions } from '@virtkit/core/driver';
import { hasDevice, type DeviceKind, type GuestDevice } from '../hypervisor/guest-device.js';
import { changing, unless } from './changing.js';
import type { DriverCall } from './driver-call.js';
import { readPresent, type PresentGuest } from './managed-view.js';
import { mustBe } from './must-be.js';
import { powerStateOf } from './power-state-of.js';

/** How often a guest that was asked to let go of a device is looked at. */
const LOOK_INTERVAL_MS = 500;

/** The guest, in a state in which its devices can be changed: what is saved of a suspended one cannot. */
export async function readChangeable(call: DriverCall): Promise<PresentGuest> {
  const view = await readPresent(call.connection, call.instance, call);
  mustBe(['RUNNING', 'PAUSED', 'SHUTDOWN'], powerStateOf(view), call);
  return view;
}

/** Gives the guest a device for its next start, and now if it runs. Where it has it already, nothing is done. */
export async function attachDevice(added: GuestDevice, { guest }: PresentGuest, call: DriverCall): Promise<void> {
  const { connection, instanceUuid, signal, undo } = call;
  const { kind, device } = added;
  if (!hasDevice(guest.definition, kind, device.id)) {
    undo.push(`take device ${device.id} out of the definition`, (options) =>
      unless(['no-guest'], connection.devices.forget(instanceUuid, kind, device.id, options)),
    );
    await changing(call, () => connection.devices.attach(instanceUuid, added, 'next-start', { signal }));
  }
  if (guest.running !== undefined && !hasDevice(guest.running, kind, device.id)) {
    undo.push(`detach device ${device.id}`, (options) => unless(['no-guest'], letGo(kind, device.id, call, options)));
    await changing(call, () => connection.devices.attach(instanceUuid, added, 'live', { signal }));
  }
}

/** Makes the guest let go of a device, now and for its next start. One it has not: nothing to do. */
export async function detachDevice(
  kind: DeviceKind,
  deviceId: string,
  { guest }: PresentGuest,
  call: DriverCall,
): Promise<void> {
  const { connection, instanceUuid, signal, undo } = call;
  undo.push(`attach device ${deviceId} again`, (options) => attachAgain(guest, kind, deviceId, call, options));
  if (hasDevice(guest.running, kind, deviceId)) await changing(call, () => letGo(kind, deviceId, call, { signal }));
  if (hasDevice(guest.definition, kind, deviceId)) {
    await changing(call, () => connection.devices.forget(instanceUuid, kind, deviceId, { signal }));
  }
}

/** Asks once, and looks until the device is gone. @throws ComputeError `DEVICE_DETACH_REFUSED` when that takes too long */
async function letGo(kind: DeviceKind, deviceId: string, call: DriverCall, options: CallOptions): Promise<void> {
  const { connection, environment, instanceUuid, settings } = call;
  const { clock } = environment;
  const untilMs = clock.monotonicMs() + settings.detachTimeoutMs;
  await connection.devices.askToDetach(instanceUuid, kind, deviceId, options);
  for (;;) {
    const { guest } = await connection.readState(instanceUuid, options);
    if (!hasDevice(guest?.running, kind, deviceId)) return;
    const leftMs = untilMs - clock.monotonicMs();
    if (leftMs <= 0) throw new ComputeError('DEVICE_DETACH_REFUSED', { instanceUuid, device: deviceId });
    await clock.sleep(Math.min(LOOK_INTERVAL_MS, leftMs), options);
  }
}

/** Undoes a detachment, unless another call has stopped or removed the guest since. */
async function attachAgain(
  before: PresentGuest['guest'],
  kind: DeviceKind,
  deviceId: string,
  call: DriverCall,
  options: CallOptions,
): Promise<void> {
  if (call.overtaken === 'yes') return;
  const { connection, instanceUuid } = call;
  const { guest } = await connection.readState(instanceUuid, options);
  // An interface needs its vif; one that is plugged already stays so.
  if (kind === 'interface' && guest?.running !== undefined && hasDevice(before.running, kind, deviceId)) {
    await connection.vifs.plug(instanceUuid, deviceId, options);
  }
  for (const place of ['live', 'next-start'] as const) {
    const had = deviceOf(place === 'live' ? before.running : before.definition, kind, deviceId);
    const spec = place === 'live' ? guest?.running : guest?.definition;
    if (had === undefined || spec === undefined || hasDevice(spec, kind, deviceId)) continue;
    await connection.devices.attach(instanceUuid, had, place, options);
  }
}

function deviceOf(
  spec: PresentGuest['guest']['definition'] | undefined,
  kind: DeviceKind,
  deviceId: string,
): GuestDevice | undefined {
  if (kind === 'disk') {
    const device = spec?.blockDevices.find(({ id }) => id === deviceId);
    return device && { kind, device };
  }
  const device = spec?.networkInterfaces.find(({ id }) => id === deviceId);
  return device && { kind, device };
}
