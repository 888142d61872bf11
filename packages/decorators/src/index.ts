// For the class whose methods are decorated.
export { wrapException } from './wrap-exception.js';
export { revertsTaskState } from './reverts-task-state.js';
export { wrapInstanceEvent } from './wrap-instance-event.js';
export { errorsOutMigration } from './errors-out-migration.js';
export { wrapInstanceFault } from './wrap-instance-fault.js';
export { deleteImageOnError } from './delete-image-on-error.js';
export { stepName } from './step-name.js';

// For the things it works on.
export {
  type ContextRef,
  entity,
  type EntityKind,
  type EntityOf,
  type EntityRef,
  type ImageRef,
  type InstanceRef,
  type MigrationRef,
} from './entity.js';

// For the services it offers.
export {
  decoratorServices,
  type DecoratorServices,
  type Events,
  type ExceptionNotification,
  type Exceptions,
  type FailedMigration,
  type FailedSnapshot,
  type FailureKind,
  type Failures,
  type Faults,
  type Images,
  type InstanceFault,
  type InstanceStep,
  type Log,
  type Migrations,
  type Offers,
  type Recorded,
  type StepOutcome,
  type TaskStateRevert,
  type TaskStates,
} from './services.js';

// For whoever else passes values on to operators.
export { redact, type RedactLimits, redactLimitsDefault } from './redact.js';
export { secretBrand } from './secret.js';

// What the decorators' own types are made of.
export type { MethodDecorator } from './method-decorator.js';
