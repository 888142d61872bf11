import { randomBytes } from 'node:crypto';

/** Among 16 million addresses a free one is found at once, unless nearly all are taken. */
const TRY_COUNT_MAX = 64;

/** An address with this prefix that is not taken; `undefined` when there is none to be found. */
export function freeMacAddress(
  prefix: string,
  isTaken: (address: string) => boolean,
  random: (count: number) => Uint8Array = randomBytes,
): string | undefined {
  for (let tries = 0; tries < TRY_COUNT_MAX; tries += 1) {
    const rest = [...random(3)].map((byte) => byte.toString(16).padStart(2, '0'));
    const address = [prefix, ...rest].join(':');
    if (!isTaken(address)) return address;
  }
  return undefined;
}
