import type { AnyProcedure } from '../procedures/procedure.js';
import * as remote from '../procedures/remote.gen.js';

/** Of low priority, because they wait while somebody changes the domain, but answered from memory like the others. */
const quickThoughLow: ReadonlySet<AnyProcedure> = new Set<AnyProcedure>([
  remote.domainGetInfo,
  remote.domainGetXMLDesc,
]);

/** Whether the daemon answers a call from what it knows: it changes nothing, and asks no guest, no agent and no disk. */
export function isQuickRead(procedure: AnyProcedure): boolean {
  if (procedure.effect !== 'read' || procedure.stream !== undefined) return false;
  return procedure.priority === 'high' || quickThoughLow.has(procedure);
}
