import type { AcceptedAction, RebootType } from '@virtkit/core';
import type { Screen } from '../screen/screen.js';
import { operator, tenant } from './audience.js';
import { checkFailure } from './check-failure.js';
import { consoleTail } from './console-tail.js';
import { notes, scenes, type Scene } from './narration.js';
import { operatorColumn } from './operator-view.js';
import { PromiseLedger } from './promise-ledger.js';
import type { Stage } from './stage.js';
import { factsOf, recordOf, type StepRecord } from './step-record.js';
import { readAsTenant, tenantColumn } from './tenant-view.js';

/** An emulated guest on a busy machine boots in half a minute. */
const BOOT_TIMEOUT_MS = 180_000;

export interface TourOptions {
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/**
 * One instance from its first start to its last trace. Whatever is claimed is checked. A failure or an abort leaves the
 * instance as it is then.
 * @throws BrokenPromise when a check does not come out; the reason of an aborted signal
 */
export async function playTour(stage: Stage, { screen, signal }: TourOptions): Promise<PromiseLedger> {
  const { compute, words } = stage;
  const { api } = compute;
  const ledger = new PromiseLedger();

  const open = ({ heading, text }: Scene, before: readonly string[] = []): void => {
    screen.heading(heading);
    screen.paragraph([...before, text].join(' '));
  };
  const succeeded = async (accepted: AcceptedAction): Promise<StepRecord> => {
    const record = await recordOf(compute, accepted, signal);
    const results = record.events.map(({ result }) => result);
    screen.facts(factsOf(record));
    ledger.expect(`the ${record.action.name} succeeds`, record.action.state === 'succeeded');
    ledger.expect('its one event is closed with Success', results.length === 1 && results[0] === 'Success');
    return record;
  };
  const running = async (accepted: AcceptedAction): Promise<StepRecord> => {
    const record = await succeeded(accepted);
    const { vmState, taskState, powerState } = record.instance;
    ledger.expect('the record says that the instance runs', vmState === 'active' && taskState === null);
    ledger.expect('so does the hypervisor', powerState === 'RUNNING' && record.guest.powerState === 'RUNNING');
    return record;
  };
  const showBoot = async (): Promise<void> => {
    const line = stage.bootedLine;
    if (!line) return;
    screen.note(notes.console);
    screen.quote(await consoleTail(compute, uuid, { line, timeoutMs: BOOT_TIMEOUT_MS, signal }));
  };
  const reboot = (type: RebootType): Promise<AcceptedAction> => api.reboot(tenant(), uuid, type, { signal });

  open(scenes.build);
  const built = await running(await api.create(tenant(), stage.request, { signal }));
  const { uuid } = built.instance;
  await showBoot();

  open(scenes.softReboot);
  await running(await reboot('SOFT'));

  open(scenes.hardReboot);
  const { guest: guestBefore } = await running(await reboot('HARD'));

  open(scenes.failure, [words.failure]);
  await stage.breakStart();
  const accepted = await reboot('HARD');
  const failed = await recordOf(compute, accepted, signal);
  const reading = await readAsTenant(compute, accepted, failed);
  screen.columns(tenantColumn(reading), operatorColumn(failed));
  screen.facts(factsOf(failed));
  checkFailure(ledger, { record: failed, reading, guestBefore, hostWords: stage.hostWords });
  screen.note(notes.afterFailure);

  await stage.mendStart();
  open(scenes.repair, [words.healing]);
  const repaired = await running(await reboot('HARD'));
  ledger.keep('repaired', 'the vm state is active again', repaired.instance.vmState === 'active');
  await showBoot();

  open(scenes.deletion);
  const { instance, guest } = await succeeded(await api.delete(tenant(), uuid, { signal }));
  const listed = await compute.operator.listInstances(operator(), {}, { signal });
  ledger.expect('the record says that it is deleted', instance.vmState === 'deleted' && instance.taskState === null);
  ledger.keep('nothingLeft', 'the hypervisor has no guest of it', guest.guest === 'absent');
  ledger.keep('nothingLeft', 'the host holds nothing for it', guest.belongings.length === 0);
  ledger.keep('nothingLeft', 'no instance is listed', listed.length === 0);
  return ledger;
}
