import type { Fixtures } from '../support/fixtures.js';
import { describeDecoratedMethods } from './decorated-methods.js';
import { describeEvents } from './events.js';
import { describeFailingRecorders } from './failing-recorders.js';
import { describeNestedCalls } from './nested-calls.js';
import { describeNotifications } from './notifications.js';
import { describeOneFailingCall } from './one-failing-call.js';

/** Everything that holds under both kinds of decorators. */
export function describeBehaviour(fixtures: Fixtures): void {
  describeOneFailingCall(fixtures);
  describeEvents(fixtures);
  describeNotifications(fixtures);
  describeFailingRecorders(fixtures);
  describeNestedCalls(fixtures);
  describeDecoratedMethods(fixtures);
}
