import { afterFailure } from './after-failure.js';
import type { Reporting } from './attempt.js';
import { methodDecorator, type MethodDecorator } from './method-decorator.js';

/** Marks the migration as failed when the method fails. Once, if a call further in has done so already. */
export const errorsOutMigration: MethodDecorator<Reporting | 'migrations', ['instance', 'migration']> = methodDecorator(
  ['instance', 'migration'],
  afterFailure('marking the migration', ({ services, migration, instance, context, scope }, failure) => {
    if (!scope.noted.isFirst('migration', migration.uuid, failure)) return;
    return services.migrations.markError({ migration, instance, context, failure });
  }),
);
