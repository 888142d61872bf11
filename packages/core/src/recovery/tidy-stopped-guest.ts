import { supports, type GuestInspection } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { GuestRef } from '../guard/guest-ref.js';

/** What a guest that does not run must have no more, by the driver contract. */
const ofRunningGuests = /^(vif|secret)\b/;

/**
 * Has the driver take away what only a guest that runs may have, from one that is off: whoever stopped it may have died before it came to
 * that. The guest stays as it is. Answers with what is true then.
 */
export async function tidyStoppedGuest(
  instance: GuestRef,
  guest: GuestInspection,
  driver: GuestDriver,
): Promise<GuestInspection> {
  const isOff = guest.powerState === 'SHUTDOWN' || guest.powerState === 'SUSPENDED';
  const isUntidy = isOff && guest.belongings.some((belonging) => ofRunningGuests.test(belonging));
  if (!isUntidy || !supports(driver, 'power')) return guest;
  await driver.with('power').powerOff({ instance });
  return await driver.inspect({ instance });
}
