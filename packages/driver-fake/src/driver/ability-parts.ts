import type { FakeConnection } from '../hypervisor/fake-connection.js';
import type { CallRunner } from './call-runner.js';
import type { FakeSettings } from './fake-settings.js';

/** What every ability works with. Nothing of it is the truth about a guest: that is on the hypervisor. */
export interface AbilityParts {
  readonly calls: CallRunner;
  readonly connection: FakeConnection;
  readonly settings: FakeSettings;
}
