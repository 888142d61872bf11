import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import { buildOf } from '../model/build-of.js';
import type { Instance } from '../model/instance.js';

/**
 * Gives back what a build had got of the providers and not yet written down when its process died, also a build of a release that wrote no steps. Nobody has it: no guest was made, and
 * whoever reads the record does not find it. What the record names stays the instance's, until it is deleted.
 */
export async function releaseUnrecorded(instance: Instance, providers: Providers): Promise<void> {
  const { blockDevices, networkInterfaces } = instance;
  const build = buildOf(instance);
  const options = providerOptions();
  if (providers.has('volumes')) {
    const { volumes } = providers;
    for (const { id, attachment } of await volumes.volumesOf(build, options)) {
      if (blockDevices.some((device) => device.id === id)) continue;
      for (const host of attachment?.hosts ?? []) await volumes.disconnect(id, { ...build, host }, options);
      await volumes.unreserve(id, { ...build, ...attachment }, options);
    }
  }
  if (providers.has('networks')) {
    const { networks } = providers;
    for (const { id } of await networks.interfacesOf(build, options)) {
      if (!networkInterfaces.some((each) => each.id === id)) await networks.release(build, id, options);
    }
  }
}
