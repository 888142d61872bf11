import type { GuestInspection } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { GuestRef } from '../guard/guest-ref.js';
import type { Operation } from '../model/operations/operation.js';

/**
 * Has the driver take away what an operation that is given up has made for a guest which it did not come to make: without one nobody can use
 * its disks. A guest that is there stays as it is. Answers with what is true then.
 */
export async function tidyAbsentGuest(
  { afterFailure }: Pick<Operation, 'afterFailure'>,
  instance: GuestRef,
  guest: GuestInspection,
  driver: GuestDriver,
): Promise<GuestInspection> {
  const isLeft = guest.guest === 'absent' && guest.belongings.length > 0;
  if (!isLeft || afterFailure !== 'destroy') return guest;
  await driver.destroy({ instance });
  return await driver.inspect({ instance });
}
