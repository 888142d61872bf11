import { entity, type ImageRef } from '@virtkit/decorators';
import type { OperationName } from './operation-table.js';

/** Operations that make an image of the instance. Of an action it is named by the action's uuid, so that whatever has become of the action tells whether it is wanted. */
export const imageMakers: readonly OperationName[] = ['snapshot', 'backup', 'shelve'];

/** An image that is going to be made of an instance. */
export interface ImageToMake extends ImageRef {
  /** A uuid that nothing has yet: what is begun under it is deleted again when it cannot be finished. */
  readonly id: string;
  readonly name: string;
  /** Over those of the instance's own image. */
  readonly properties: Readonly<Record<string, string>>;
}

/** Without an `id` it gets a new one. */
export function imageToMake(fields: {
  readonly id?: string;
  readonly name: string;
  readonly properties?: Readonly<Record<string, string>>;
}): ImageToMake {
  const { id = globalThis.crypto.randomUUID(), name, properties = {} } = fields;
  return Object.freeze({ id, name, properties, [entity]: 'image' as const });
}
