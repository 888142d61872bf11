import type { GuestInspection } from '../driver/index.js';

/** Which guest is meant: an instance, or what is known of one. A uuid alone does not tell it, since two guests can have had it. */
export interface GuestRef {
  readonly uuid: string;
  /** As the record has it. `null` or left out: the record is from before there were generations. */
  readonly generation?: string | null;
  /** Who is doing something to the instance, where that is known: an action marks the guest of a record from before generations. */
  readonly taskOwner?: string | null;
}

/** What is seen of an instance of which nothing is on the host. */
const nothingSeen: GuestInspection = Object.freeze({
  guest: 'absent',
  powerState: 'NOSTATE',
  savedMemory: 'absent',
  belongings: Object.freeze([]),
});

/** Whether a guest of this generation is the one that is meant. `null`: the guest is from before generations. */
export function isMeant({ generation = null, taskOwner = null }: GuestRef, found: string | null): boolean {
  return found === generation || (generation === null && found !== null && found === taskOwner);
}

/** Whether what was found under the uuid is another guest, or was left by one. */
export function isAnother(guest: GuestRef, { guest: presence, generation }: GuestInspection): boolean {
  const found = presence === 'present' ? (generation ?? null) : generation;
  return found !== undefined && !isMeant(guest, found);
}

/** What was found, as far as it concerns the guest that is meant: of another one's there is nothing to see. */
export function seenOf(guest: GuestRef, found: GuestInspection): GuestInspection {
  return isAnother(guest, found) ? nothingSeen : found;
}
