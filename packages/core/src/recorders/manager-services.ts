import type { DecoratorServices } from '@virtkit/decorators';
import type { Clock, DriverLog } from '../driver/index.js';
import type { Providers } from '../guard/providers.js';
import type { Records } from '../records/records.js';
import { EventRecorder } from './event-recorder.js';
import { ExceptionNotifier } from './exception-notifier.js';
import { failureKinds } from './failure-kinds.js';
import { FaultRecorder } from './fault-recorder.js';
import { ImageRemover } from './image-remover.js';
import { MigrationMarker } from './migration-marker.js';
import { TaskStateReverter } from './task-state-reverter.js';

/** The part of the decorators' services that the manager's operations use. */
export type ManagerServices = DecoratorServices;

export interface ManagerServicesOptions {
  readonly host: string;
  readonly records: Records;
  readonly providers: Providers;
  readonly clock: Clock;
  readonly log: DriverLog;
  /** Told of an instance whose task state could not be cleared. */
  readonly onStuck: (instanceUuid: string) => void;
}

/** What the manager's decorators write through. */
export function managerServices({
  host,
  records,
  providers,
  clock,
  log,
  onStuck,
}: ManagerServicesOptions): ManagerServices {
  const now = (): number => clock.now();
  return {
    host,
    log,
    now,
    // Every write of ours settles: the guarded store sees to it.
    recorderTimeoutMs: Infinity,
    failures: failureKinds,
    events: new EventRecorder({ records, now }),
    faults: new FaultRecorder({ records }),
    taskStates: new TaskStateReverter({ records, onStuck }),
    exceptions: new ExceptionNotifier({ records, now, log }),
    migrations: new MigrationMarker({ records, clock }),
    images: new ImageRemover(providers),
  };
}
