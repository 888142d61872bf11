import { ComputeError, requireHonoured, type CallOptions, type Image, type InstanceSpec } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import type { RequestContext } from '../model/request-context.js';
import type { NetworkRequest } from '../providers/network-provider.js';
import { checkFlavorFitsImage } from '../requests/flavor-fits-image.js';
import type { InstanceDraft } from './create-request.js';

export interface DescribeParts {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly providers: Providers;
}

/**
 * Looks, before anything is written, whether what a request names is there and may be used. Its interfaces and volumes are the instance's
 * once it is built. @throws ComputeError `INVALID_INPUT` for what the driver does not act on, `NOT_SUPPORTED`, `IMAGE_NOT_FOUND`,
 * `IMAGE_UNACCEPTABLE`, `FLAVOR_TOO_SMALL`, `NETWORK_NOT_FOUND`, `VOLUME_NOT_FOUND`, `VOLUME_UNAVAILABLE`
 */
export async function describeInstance(
  draft: InstanceDraft & { readonly uuid: string },
  { projectId, userId }: RequestContext,
  { host, driver, providers }: DescribeParts,
  options: CallOptions,
): Promise<InstanceSpec> {
  const { uuid, name, flavor, networks, networkInterfaces = [], volumes, metadata } = draft;
  if (networks) await checkNetworks(networks, projectId, host, providers, providerOptions(options));
  if (volumes.length > 0) driver.with('volumes');
  const call = providerOptions(options);
  for (const { volumeId } of volumes) {
    const { attachment } = await providers.volumes.getVolume(volumeId, { projectId }, call);
    if (attachment) throw new ComputeError('VOLUME_UNAVAILABLE', { volumeId, reason: 'in use' });
  }
  const image = await imageOf(draft, projectId, providers, call);
  requireHonoured(driver.honoured, { flavor, image });
  checkFlavorFitsImage(flavor, image);
  return { uuid, name, projectId, userId, flavor, image, networkInterfaces, blockDevices: [], metadata };
}

/** A provider that cannot say it beforehand says it while the instance is built. */
async function checkNetworks(
  requests: readonly NetworkRequest[],
  projectId: string,
  host: string,
  { networks }: Providers,
  call: Required<CallOptions>,
): Promise<void> {
  await networks.checkRequests?.({ projectId, host, requests }, call);
}

/** Where an image of the provider's lies is the provider's word alone. */
async function imageOf(
  { image, imageId }: InstanceDraft,
  projectId: string,
  providers: Providers,
  call: Required<CallOptions>,
): Promise<Image> {
  if (imageId !== undefined) return await providers.images.getImage(imageId, { projectId }, call);
  if (image === undefined) throw new TypeError('a checked request has an image or names one');
  return image;
}
