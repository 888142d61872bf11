import type { Clock } from '@virtkit/core/driver';
import type { EventFault, Fault } from './fault.js';

/** What a fault needs to know of the call it strikes. */
export interface FaultScene {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** What the caller gets when its answer is lost. */
  answerLost(): unknown;
  /** Cuts the connection of the one who called, for good. */
  cutConnection(): void;
  crashGuest(): void;
  withEvents<T>(fault: EventFault, work: () => T): T;
}

/** Does the work as the fault has it. */
export async function underFault<T>(fault: Fault, scene: FaultScene, work: () => T): Promise<Awaited<T>> {
  switch (fault.type) {
    case 'throw':
      if (fault.when === 'after') await work();
      throw fault.error;
    case 'delay':
      await scene.clock.sleep(fault.delayMs, scene.signal ? { signal: scene.signal } : {});
      return await work();
    case 'hang':
      if (fault.when === 'after') await work();
      return await (fault.until === 'abort' ? untilAborted(scene.signal) : forEver());
    case 'lose-answer':
      await work();
      throw scene.answerLost();
    case 'crash-guest': {
      const answer = await work();
      scene.crashGuest();
      return answer;
    }
    case 'event':
      return await scene.withEvents(fault, work);
    case 'meet': {
      if (fault.when !== 'after') await fault.meet();
      const answer = await work();
      if (fault.when === 'after') await fault.meet();
      return answer;
    }
    case 'die':
      if (fault.when === 'after') await work();
      scene.cutConnection();
      fault.die();
      return await forEver();
  }
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  if (signal === undefined) return forEver();
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

export function forEver(): Promise<never> {
  return new Promise(() => {});
}
