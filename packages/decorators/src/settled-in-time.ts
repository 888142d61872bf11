/** Node's timers take no more; a longer wait would become one of 1 ms. */
const timerMsMax = 2 ** 31 - 1;

/**
 * Waits until `pending` has settled, and throws what it throws, but for no longer than `timeoutMs`. What settles later
 * goes unheard. `Infinity` is for recorders that are known to settle: it costs no timer.
 */
export async function settledInTime(pending: unknown, what: string, timeoutMs: number): Promise<void> {
  if (timeoutMs === Infinity) {
    await pending;
    return;
  }
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took longer than ${timeoutMs} ms`)),
      Math.min(timeoutMs, timerMsMax),
    );
  });
  try {
    await Promise.race([pending, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
