import { ComputeError, type ExternalEventKey, type InstanceSpec, type NetworkInterface } from '@virtkit/core/driver';
import { changing } from './changing.js';
import type { DriverCall } from './driver-call.js';
import { toComputeError } from './fake-error.js';

/** The events to wait for: one for each interface whose network has not said that it is ready. */
export function vifEventsOf(instance: InstanceSpec): readonly ExternalEventKey[] {
  return instance.networkInterfaces
    .filter(({ status }) => status !== 'active')
    .map(({ id }) => ({ name: 'network-vif-plugged', tag: id }));
}

/** Plugs the host's ends of all interfaces; they are unplugged again when the call fails later. */
export async function plugVifs(instance: InstanceSpec, call: DriverCall): Promise<void> {
  const { connection, signal, undo } = call;
  for (const { id } of instance.networkInterfaces) {
    undo.push(`unplug interface ${id}`, (options) => connection.vifs.unplug(instance.uuid, id, options));
    try {
      await changing(call, () => connection.vifs.plug(instance.uuid, id, { signal }));
    } catch (failure) {
      if (signal.aborted) throw failure;
      throw toComputeError(failure, { ...call, phase: 'plug' });
    }
  }
}

/** The instance with these interfaces only, for calls about a part of them. */
export function ofInterfaces(instance: InstanceSpec, networkInterfaces: readonly NetworkInterface[]): InstanceSpec {
  return { ...instance, networkInterfaces };
}

export async function unplugVifs(vifs: readonly string[], call: DriverCall): Promise<void> {
  for (const id of vifs) await changing(call, () => call.connection.vifs.unplug(call.instanceUuid, id, call));
}

/**
 * Expects the events before `start` begins, so that none is lost, and waits for them after it.
 * @throws ComputeError `VIF_PLUG_FAILED`, `VIF_PLUG_TIMEOUT`, unless plugging is not fatal
 */
export async function withVifEvents(
  instance: InstanceSpec,
  call: DriverCall,
  start: () => Promise<void>,
): Promise<void> {
  const keys = vifEventsOf(instance);
  if (keys.length === 0) return start();
  const { environment, settings, signal } = call;
  using expected = environment.externalEvents.expect(instance.uuid, keys);
  await start();
  const timeoutMs = settings.vifPluggingTimeoutMs;
  const events = await expected.arrive(timeoutMs, { signal });
  if (events !== 'timeout' && events.every(({ status }) => status === 'completed')) return;

  const failure =
    events === 'timeout'
      ? new ComputeError('VIF_PLUG_TIMEOUT', { instanceUuid: instance.uuid, timeoutMs })
      : new ComputeError('VIF_PLUG_FAILED', { instanceUuid: instance.uuid });
  if (settings.vifPluggingIsFatal) throw failure;
  environment.log.warn({ instanceUuid: instance.uuid, code: failure.code }, 'Guest goes on without its network');
}
