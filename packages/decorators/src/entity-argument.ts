import { type EntityKind, type EntityOf, entityKindOf } from './entity.js';

/** The one argument that is an entity of that kind, wherever it stands; `undefined` when none is, or several are. */
export function entityArgument<Kind extends EntityKind>(
  kind: Kind,
  args: readonly unknown[],
): EntityOf<Kind> | undefined {
  let found: unknown;
  for (const argument of args) {
    if (entityKindOf(argument) !== kind) continue;
    if (found !== undefined) return undefined;
    found = argument;
  }
  return found as EntityOf<Kind> | undefined;
}

/**
 * What the compiler has checked already. This is for callers without types: they learn of it before the method has
 * changed anything.
 */
export function notExactlyOne(kind: EntityKind, args: readonly unknown[], methodName: string): TypeError {
  const found = args.filter((argument) => entityKindOf(argument) === kind).length;
  return new TypeError(
    `${methodName}() takes exactly one ${kind} (a value marked with [entity]); ` +
      `${found} of its ${args.length} arguments are one`,
  );
}
