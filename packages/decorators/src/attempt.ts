import type { Call } from './call.js';
import type { Recorded } from './services.js';
import { settledInTime } from './settled-in-time.js';

/** What every recorder's failure needs: somewhere to be told. */
export type Reporting = 'log' | 'failures' | 'recorderTimeoutMs';

/** A thrown value in a box, because `undefined` can be thrown too. */
export interface Thrown {
  readonly value: unknown;
}

const recorderTimeoutMsDefault = 30_000;

/**
 * Runs a recorder. Whatever goes wrong in it is logged and comes back as a value; it is never thrown. A recorder that
 * has not settled within `recorderTimeoutMs` has gone wrong.
 *
 * `undefined` at once for a recorder that has done its work at once: nobody has to wait for it.
 */
export function attempt(
  call: Call<Reporting>,
  during: string,
  recorder: () => Recorded,
  failure?: Thrown,
): Promise<Thrown | undefined> | undefined {
  let recorded: Recorded;
  try {
    recorded = recorder();
  } catch (secondary) {
    return report(call, during, secondary, failure);
  }
  return recorded === undefined ? undefined : settled(call, during, recorded, failure);
}

async function settled(
  call: Call<Reporting>,
  during: string,
  recorded: Promise<void>,
  failure: Thrown | undefined,
): Promise<Thrown | undefined> {
  try {
    await settledInTime(recorded, during, timeoutMsOf(call));
    return undefined;
  } catch (secondary) {
    return await report(call, during, secondary, failure);
  }
}

async function report(
  call: Call<Reporting>,
  during: string,
  secondary: unknown,
  failure: Thrown | undefined,
): Promise<Thrown> {
  await logQuietly(call, `${during} failed`, 'error', { err: secondary, during, failure: failure?.value });
  return { value: secondary };
}

/** Logs, whatever becomes of it: when the log itself fails, there is nobody left to tell. */
export async function logQuietly(
  call: Call<Reporting>,
  message: string,
  level: 'error' | 'warn',
  fields: object,
): Promise<void> {
  try {
    const logged: unknown = call.services.log[level](
      { ...fields, methodName: call.methodName, instanceUuid: call.instance?.uuid },
      message,
    );
    if (logged !== undefined) await settledInTime(logged, message, timeoutMsOf(call));
  } catch {
    // The work goes on, and its first failure is on its way to the caller.
  }
}

function timeoutMsOf(call: Call<Reporting>): number {
  return call.services.recorderTimeoutMs ?? recorderTimeoutMsDefault;
}
