/** What twelve bits count to. */
const COUNT_MAX = 0xfff;

let lastMs = 0;
let count = 0;

/**
 * A uuid for a new record of what was asked or what has happened; never a secret. It is of version 7 (RFC 9562): milliseconds since the
 * epoch, a count within them, and 62 random bits, so that each comes after the one before, also when the clock is set back.
 *
 * Records that are made one after the other thus stand side by side in every index of a store, and those that are committed together change
 * a few pages together, instead of a page each; with random ones a commit would cost more with every record that is kept.
 */
export function newRecordUuid(): string {
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    count = 0;
  } else if (count < COUNT_MAX) {
    count += 1;
  } else {
    lastMs += 1;
    count = 0;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const random = globalThis.crypto.randomUUID().slice('xxxxxxxx-xxxx-Mxxx-'.length);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, '0')}-${random}`;
}
