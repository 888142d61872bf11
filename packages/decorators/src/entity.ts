/**
 * How the decorators know an instance when they see one.
 *
 * A class, a frozen record, a row of a store: anything that carries the brand is that kind of entity, at compile time
 * and at run time. The symbol is registered globally, so two copies of this package still agree on it.
 */
export const entity: unique symbol = Symbol.for('virtkit.entity');

export interface InstanceRef {
  readonly [entity]: 'instance';
  readonly uuid: string;
}

export interface MigrationRef {
  readonly [entity]: 'migration';
  readonly uuid: string;
}

export interface ImageRef {
  readonly [entity]: 'image';
  readonly id: string;
}

/** Who asks, and in which request. It holds the caller's token, so no recorder ever passes one on. */
export interface ContextRef {
  readonly [entity]: 'context';
  readonly requestId: string;
  /** Which action of the request it is for, where a request may have several. */
  readonly actionUuid?: string | undefined;
}

export type EntityRef = InstanceRef | MigrationRef | ImageRef | ContextRef;
export type EntityKind = EntityRef[typeof entity];
export type EntityOf<Kind extends EntityKind> = Extract<EntityRef, { readonly [entity]: Kind }>;

/** The kind of entity `value` is, or `undefined` when it is none. */
export function entityKindOf(value: unknown): EntityKind | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Partial<EntityRef>)[entity];
}
