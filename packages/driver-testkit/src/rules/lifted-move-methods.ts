import type { LiveMigrationData, MigratedDisks, MoveDestination } from '@virtkit/core/driver';
import { lifted, type LiftedMethod } from './lifted-method.js';

// Whoever gets as far as these has broken the law that is proven.
const nowhere = 'a-host-that-is-not-there';
const data: LiveMigrationData = { driver: nowhere, disks: 'copied', address: nowhere, facts: {} };
const disks: MigratedDisks = { driver: nowhere, disks: [] };
const request = { sourceHost: nowhere, disks: 'whatever-fits' } as const;
const destinationWith = (flavor: MoveDestination['flavor']): MoveDestination => ({
  host: nowhere,
  address: nowhere,
  flavor,
});

/** Methods that move guests between hosts. */
export const liftedMoveMethods: readonly LiftedMethod[] = [
  lifted('migrateDiskAndPowerOff', 'resize', 'refuses', (driver, instance, options) =>
    driver.migrateDiskAndPowerOff({ instance, destination: destinationWith(instance.flavor) }, options),
  ),
  lifted('finishMigration', 'resize', 'makes', (driver, instance, options) =>
    driver.finishMigration({ instance, disks }, options),
  ),
  lifted('confirmMigration', 'resize', 'success', (driver, instance, options) =>
    driver.confirmMigration({ instance }, options),
  ),
  lifted('finishRevertMigration', 'resize', 'refuses', (driver, instance, options) =>
    driver.finishRevertMigration({ instance }, options),
  ),
  lifted('checkCanLiveMigrateDestination', 'liveMigration', 'makes', (driver, instance, options) =>
    driver.checkCanLiveMigrateDestination({ instance, ...request }, options),
  ),
  lifted('checkCanLiveMigrateSource', 'liveMigration', 'refuses', (driver, instance, options) =>
    driver.checkCanLiveMigrateSource({ instance, data }, options),
  ),
  lifted('cleanupLiveMigrationDestinationCheck', 'liveMigration', 'success', (driver, instance, options) =>
    driver.cleanupLiveMigrationDestinationCheck({ instance, data }, options),
  ),
  lifted('preLiveMigration', 'liveMigration', 'makes', (driver, instance, options) =>
    driver.preLiveMigration({ instance, data }, options),
  ),
  lifted('liveMigration', 'liveMigration', 'refuses', (driver, instance, options) =>
    driver.liveMigration({ instance, data }, options),
  ),
  lifted('postLiveMigrationAtSource', 'liveMigration', 'success', (driver, instance, options) =>
    driver.postLiveMigrationAtSource({ instance, data }, options),
  ),
  lifted('postLiveMigrationAtDestination', 'liveMigration', 'refuses', (driver, instance, options) =>
    driver.postLiveMigrationAtDestination({ instance, data }, options),
  ),
  lifted('rollbackLiveMigrationAtSource', 'liveMigration', 'success', (driver, instance, options) =>
    driver.rollbackLiveMigrationAtSource({ instance, data }, options),
  ),
  lifted('rollbackLiveMigrationAtDestination', 'liveMigration', 'success', (driver, instance, options) =>
    driver.rollbackLiveMigrationAtDestination({ instance, data }, options),
  ),
  lifted('liveMigrationAbort', 'liveMigrationAbort', 'refuses', (driver, instance, options) =>
    driver.liveMigrationAbort({ instance }, options),
  ),
  lifted('liveMigrationForceComplete', 'liveMigrationForceComplete', 'refuses', (driver, instance, options) =>
    driver.liveMigrationForceComplete({ instance }, options),
  ),
  lifted('instanceOnDisk', 'evacuate', 'none', (driver, instance, options) =>
    driver.instanceOnDisk({ instance }, options),
  ),
  lifted('deleteInstanceFiles', 'lingeringFiles', 'success', (driver, instance, options) =>
    driver.deleteInstanceFiles({ instance }, options),
  ),
];
