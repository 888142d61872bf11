/**
 * Proves a hypervisor driver against the contract in `@virtkit/core/driver`. Start with {@link driverConformance}.
 *
 * @packageDocumentation
 */
export { driverConformance } from './suite/driver-conformance.js';
export type { DriverUnderTest } from './suite/driver-under-test.js';
export type {
  BrokenStart,
  ForeignGuest,
  GuestInside,
  OtherHost,
  SeenDevice,
  SeenDevices,
  TroubleName,
  Troubles,
  Unprovable,
} from './suite/troubles.js';
export type { TestRunner } from './suite/test-runner.js';
export { unprovenRules } from './suite/applicable-rules.js';
export type { UnprovenRule } from './suite/applicable-rules.js';

export { failuresOf } from './suite/failures-of.js';
export type { TestFailure } from './suite/failures-of.js';

export { testEnvironment } from './environment/test-environment.js';
export type {
  LogLine,
  TestEnvironment,
  TestEnvironmentOptions,
  UntilTransitionOptions,
} from './environment/test-environment.js';
export { MemoryEventInbox } from './environment/memory-event-inbox.js';
export { TestFence } from './environment/test-fence.js';
