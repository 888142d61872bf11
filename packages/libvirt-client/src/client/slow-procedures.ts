import type { AnyProcedure } from '../procedures/procedure.js';
import * as remote from '../procedures/remote.gen.js';

/**
 * Calls that may hold a worker of the daemon for seconds to hours. It has 20 for all its clients: when all are held,
 * every other call of low priority, of everybody, waits.
 */
export const slowProcedures: ReadonlySet<AnyProcedure> = new Set<AnyProcedure>([
  remote.domainCreate,
  remote.domainCreateWithFlags,
  remote.domainCreateXML,
  remote.domainCoreDump,
  remote.domainCoreDumpWithFormat,
  remote.domainManagedSave,
  remote.domainSave,
  remote.domainSaveFlags,
  remote.domainSaveParams,
  remote.domainRestore,
  remote.domainRestoreFlags,
  remote.domainRestoreParams,
  remote.domainRevertToSnapshot,
  remote.domainSnapshotCreateXML,
  remote.domainSnapshotDelete,
  remote.domainMigratePerform,
  remote.domainMigratePerform3,
  remote.domainMigratePerform3Params,
  remote.domainMigratePrepare3Params,
  remote.domainMigrateFinish3Params,
  remote.storageVolWipe,
  remote.storageVolWipePattern,
  remote.storageVolCreateXML,
  remote.storageVolCreateXMLFrom,
]);
