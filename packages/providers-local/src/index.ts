/**
 * Images, networks and volumes on one host's file system: what the compute manager needs where there is no Glance, Neutron and Cinder.
 *
 * @packageDocumentation
 */
export { LocalImages } from './images/local-images.js';
export type { ImageToAdd } from './images/image-to-add.js';
export type { ImageFolder, ImageUse, LocalImagesOptions } from './images/local-images-options.js';
export { overlaysIn } from './images/overlays-in.js';

export { LocalNetworks } from './networks/local-networks.js';
export type { LocalNetwork, LocalNetworksOptions } from './networks/local-networks-options.js';

export { LocalVolumes } from './volumes/local-volumes.js';
export type { LocalVolumesOptions, VolumeToCreate } from './volumes/local-volumes-options.js';
