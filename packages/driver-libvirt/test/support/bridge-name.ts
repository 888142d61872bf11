import { randomBytes } from 'node:crypto';

/** Linux takes 15 characters for the name of an interface. */
const PURPOSE_CHARACTERS_MAX = 7;

/** A name that no other run on this machine has: two of them are not in each other's way. */
export function bridgeName(purpose: string): string {
  if (purpose.length > PURPOSE_CHARACTERS_MAX) throw new RangeError(`${purpose} is too long for the name of a bridge`);
  return `vk${purpose}${randomBytes(3).toString('hex')}`;
}
