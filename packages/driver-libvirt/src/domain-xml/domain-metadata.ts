import type { InstanceSpec } from '@virtkit/core/driver';
import type { XmlElement } from './render-xml.js';

/**
 * The mark of a managed guest: a domain whose metadata has an element of this namespace was made by this driver. Every
 * other domain on the host is somebody else's and is neither listed nor touched. The number changes only if the mark does.
 */
export const metadataNamespace = 'https://virtkit.dev/xmlns/libvirt/1';

/** For people who look at the host. The driver reads nothing from it but that it is there, and the generation. */
export function domainMetadata(instance: InstanceSpec): XmlElement {
  return {
    'virtkit:instance': {
      '@xmlns:virtkit': metadataNamespace,
      'virtkit:generation': instance.generation ?? undefined,
      'virtkit:name': instance.name,
      'virtkit:project': instance.projectId,
      'virtkit:user': instance.userId,
      'virtkit:flavor': instance.flavor.name,
      'virtkit:image': { '@id': instance.image.id, '#': instance.image.name },
    },
  };
}
