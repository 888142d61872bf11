import { entity, type ImageRef } from '@virtkit/decorators';

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
