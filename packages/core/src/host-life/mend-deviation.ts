import { isComputeError, supports } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Providers } from '../guard/providers.js';
import { buildOf, holderOf } from '../model/build-of.js';
import type { Instance } from '../model/instance.js';
import type { Volume } from '../providers/volume-provider.js';
import { lostAttachments, type AuditedInstance } from './provider-verdict.js';

export interface MendDeviationDeps {
  readonly driver: Pick<GuestDriver, 'inspect' | 'with' | 'capabilities'>;
  readonly providers: Providers;
}

/** One thing on which a provider and a record differ. */
export type Deviation =
  | { readonly on: 'held volume'; readonly volume: Volume }
  | { readonly on: 'missing volume'; readonly volumeId: string; readonly reservationId: string | undefined }
  | { readonly on: 'held interface'; readonly interfaceId: string };

/**
 * Gives back what no record names, or asks again for what a record names. `left`: a guest may have it, so that nothing was changed. Each call
 * names the reservation, so that it ends that one hold and no other. Rejects as the driver and the providers do.
 */
export async function mendDeviation(
  deviation: Deviation,
  audited: AuditedInstance,
  deps: MendDeviationDeps,
  signal: AbortSignal,
): Promise<'mended' | 'left'> {
  const { instance } = audited;
  if (deviation.on === 'missing volume') {
    const { volumes } = deps.providers;
    await volumes.reserve(deviation.volumeId, holderOf(instance, deviation.reservationId), { signal });
    return 'mended';
  }
  if (deviation.on === 'held interface') {
    if (!(await isOff(instance, deps, signal))) return 'left';
    const { networks } = deps.providers;
    const build = buildOf(instance);
    if (instance.vmState === 'deleted') await networks.release(build, deviation.interfaceId, { signal });
    else for (const lost of lostAttachments(audited)) await networks.unreserve(build, lost, { signal });
    const held = await networks.interfacesOf(build, { signal });
    return held.some(({ id }) => id === deviation.interfaceId) ? 'left' : 'mended';
  }
  const { volumes } = deps.providers;
  const { id, attachment } = deviation.volume;
  if (!(await isClosed(deviation.volume, instance, deps, signal))) return 'left';
  const holder = holderOf(instance, attachment?.reservationId);
  for (const host of attachment?.hosts ?? []) await volumes.disconnect(id, { ...holder, host }, { signal });
  await volumes.unreserve(id, holder, { signal });
  return 'mended';
}

/** Whether no guest can have the volume open. */
async function isClosed(
  { id, attachment }: Volume,
  instance: Instance,
  deps: MendDeviationDeps,
  signal: AbortSignal,
): Promise<boolean> {
  if (attachment?.hosts.length === 0 || (await isOff(instance, deps, signal))) return true;
  const { driver } = deps;
  if (!supports(driver, 'blockStats')) return false;
  try {
    await driver.with('blockStats').blockStats({ instance, deviceId: id }, { signal });
    return false;
  } catch (failure) {
    if (isComputeError(failure, 'DEVICE_NOT_FOUND')) return true;
    throw failure;
  }
}

/** A guest that is off begins its next start with what its record names, and with nothing else. */
async function isOff(
  instance: Instance,
  { driver }: Pick<MendDeviationDeps, 'driver'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { guest, powerState, savedMemory } = await driver.inspect({ instance }, { signal });
  return guest === 'absent' || (powerState === 'SHUTDOWN' && savedMemory === 'absent');
}
