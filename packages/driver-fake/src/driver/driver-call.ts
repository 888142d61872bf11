import type { DriverEnvironment, GuestName } from '@virtkit/core/driver';
import type { DriverMethod } from '../faults/operation.js';
import type { FakeConnection } from '../hypervisor/fake-connection.js';
import type { CallFence } from './call-fence.js';
import type { FakeSettings } from './fake-settings.js';
import { type UndoStack } from './undo-stack.js';

/** One call of a driver method while it is under way, and all its steps need. */
export interface DriverCall {
  readonly operation: DriverMethod;
  readonly instance: GuestName;
  readonly instanceUuid: string;
  /** With the fence before each change. */
  readonly connection: FakeConnection;
  readonly fence: CallFence;
  readonly environment: DriverEnvironment;
  readonly settings: FakeSettings;
  /** Aborts when the caller says so, and when a `destroy` or an instant `powerOff` goes ahead of this call. */
  readonly signal: AbortSignal;
  readonly undo: UndoStack;
  /** Whether the call has changed anything, as far as can be known. */
  effect: 'none' | 'partial';
  /** Set when another call went ahead of this one: what it undoes may then only remove, never bring back. */
  overtaken: 'no' | 'yes';
}
