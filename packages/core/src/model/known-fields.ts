import { z } from 'zod';
import { nearestName } from './nearest-name.js';

/** The schema of an object with these fields and no others. `accepted` says what it is, for whoever gives something else. */
export function knownFields<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  accepted = 'an object',
): z.ZodObject<Shape, z.core.$strict> {
  const names = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? noSuchField(issue.keys, names) : accepted),
  });
}

function noSuchField([wrong = '']: readonly string[], names: readonly string[]): string {
  const nearest = nearestName(wrong, names);
  return nearest === undefined ? 'no field of this name' : `no field of this name; the nearest is ${nearest}`;
}
