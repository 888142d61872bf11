import type { ImageQuery } from '@virtkit/core/providers';
import type { StoredImage } from './stored-image.js';

export function isSeenBy(image: StoredImage, projectId: string): boolean {
  return image.visibility === 'public' || image.projectId === projectId;
}

export function matches(image: StoredImage, query: ImageQuery): boolean {
  const { projectId, instanceUuid, kind, properties = {} } = query;
  return (
    (projectId === undefined || isSeenBy(image, projectId)) &&
    (instanceUuid === undefined || image.instanceUuid === instanceUuid) &&
    (kind === undefined || image.kind === kind) &&
    Object.entries(properties).every(([name, value]) => image.properties[name] === value)
  );
}

/** Those of the same moment in the order of their ids, so that a list is the same each time. */
export function newestFirst(one: StoredImage, other: StoredImage): number {
  return other.createdAtMs - one.createdAtMs || (one.id < other.id ? -1 : 1);
}
