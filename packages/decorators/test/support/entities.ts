import { type ContextRef, entity, type ImageRef, type InstanceRef, type MigrationRef } from '@virtkit/decorators';

export const context: ContextRef = { [entity]: 'context', requestId: 'req-1' };
export const instance: InstanceRef = { [entity]: 'instance', uuid: 'instance-1' };
export const otherInstance: InstanceRef = { [entity]: 'instance', uuid: 'instance-2' };
export const migration: MigrationRef = { [entity]: 'migration', uuid: 'migration-1' };
export const image: ImageRef = { [entity]: 'image', id: 'image-1' };
export const otherImage: ImageRef = { [entity]: 'image', id: 'image-2' };
