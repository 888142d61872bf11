import { ComputeError, requireHonoured, type CallOptions, type Image, type InstanceSpec } from '../driver/index.js';
import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import type { RequestContext } from '../model/request-context.js';
import type { NetworkRequest } from '../providers/network-provider.js';
import type { TargetHost } from '../requests/hosts.js';
import type { InstanceDraft } from './create-request.js';

export interface DescribeParts {
  readonly target: TargetHost;
  readonly providers: Providers;
}

/**
 * Looks, before anything is written, whether what a request names is there and may be used. Its interfaces and volumes are the instance's
 * once it is built. @throws ComputeError `INVALID_INPUT` for what the driver does not act on, `NOT_SUPPORTED`, `IMAGE_NOT_FOUND`,
 * `IMAGE_UNACCEPTABLE`, `FLAVOR_TOO_SMALL`, `NETWORK_NOT_FOUND`, `VOLUME_NOT_FOUND`, `VOLUME_UNAVAILABLE`
 */
export async function describeInstance(
  draft: InstanceDraft & { readonly uuid: string; readonly image: Image },
  { projectId, userId }: RequestContext,
  { target, providers }: DescribeParts,
  options: CallOptions,
): Promise<InstanceSpec> {
  const { uuid, name, flavor, image, networks, networkInterfaces = [], volumes, metadata } = draft;
  if (networks) await checkNetworks(networks, projectId, target.host, providers, providerOptions(options));
  if (volumes.length > 0) await target.require('volumes', options);
  const call = providerOptions(options);
  for (const { volumeId } of volumes) {
    const { attachment } = await providers.volumes.getVolume(volumeId, { projectId }, call);
    if (attachment) throw new ComputeError('VOLUME_UNAVAILABLE', { volumeId, reason: 'in use' });
  }
  requireHonoured(await target.honoured(options), { flavor, image });
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

/** The image that a request names. Where an image of the provider's lies is the provider's word alone. @throws ComputeError `IMAGE_NOT_FOUND` */
export async function imageOf(
  { image, imageId }: InstanceDraft,
  { projectId }: RequestContext,
  providers: Providers,
  options: CallOptions | undefined,
): Promise<Image> {
  if (imageId !== undefined) return await providers.images.getImage(imageId, { projectId }, providerOptions(options));
  if (image === undefined) throw new TypeError('a checked request has an image or names one');
  return image;
}
