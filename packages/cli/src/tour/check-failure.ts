import type { GuestInspection } from '@virtkit/core';
import { hypervisorWords } from './operator-view.js';
import type { PromiseLedger } from './promise-ledger.js';
import type { StepRecord } from './step-record.js';
import type { TenantReading } from './tenant-view.js';

export interface FailedStart {
  readonly record: StepRecord;
  readonly reading: TenantReading;
  /** What the hypervisor said of the instance while all was well. */
  readonly guestBefore: GuestInspection;
  readonly hostWords: readonly string[];
}

/** Looks at everything a failed start has left, and holds it against what is promised of one. @throws BrokenPromise */
export function checkFailure(ledger: PromiseLedger, failed: FailedStart): void {
  ledger.expect('the reboot fails', failed.record.action.state === 'failed');
  checkCounts(ledger, failed.record);
  checkOneFailure(ledger, failed.record);
  checkReaders(ledger, failed);
  checkState(ledger, failed);
}

function checkCounts(ledger: PromiseLedger, { events, faults, notifications }: StepRecord): void {
  const exceptions = notifications.filter(({ eventType }) => eventType === 'compute.exception');
  const closed = events.filter(({ result, finishedAtMs }) => result === 'Error' && finishedAtMs !== null);
  ledger.keep('recordedOnce', `there is one fault, not ${faults.length}`, faults.length === 1);
  ledger.keep('recordedOnce', `there is one event, not ${events.length}`, events.length === 1);
  ledger.keep('recordedOnce', 'the event is closed with Error', closed.length === 1);
  ledger.keep('recordedOnce', `there is one exception, not ${exceptions.length}`, exceptions.length === 1);
}

function checkOneFailure(ledger: PromiseLedger, { action, events, faults, notifications }: StepRecord): void {
  for (const { code, message, operator } of faults) {
    ledger.keep('translated', 'the fault is a ComputeError', operator.failures[0]?.name === 'ComputeError');
    ledger.keep('translated', "the hypervisor's own error is its cause", operator.failures.length > 1);
    ledger.keep('translated', `its code is GUEST_START_FAILED, not ${code}`, code === 'GUEST_START_FAILED');

    const [, ...afterStart] = notifications;
    const told = [action.failure, ...events.map(({ failure }) => failure)];
    for (const failure of [...told, ...afterStart.map(({ payload }) => payload.failure)]) {
      const isSame = failure?.code === code && failure.message === message;
      ledger.keep('firstWins', `${code} is told everywhere, not ${failure?.code ?? 'nothing'}`, isSame);
    }
  }
}

function checkReaders(ledger: PromiseLedger, { record, reading, hostWords }: FailedStart): void {
  const forTenant = JSON.stringify(reading);
  const forOperator = JSON.stringify(record);
  for (const word of [...hostWords, ...record.faults.map(hypervisorWords)]) {
    const written = JSON.stringify(word).slice(1, -1);
    ledger.keep('readers', `the tenant is not told "${word}"`, written !== '' && !forTenant.includes(written));
    ledger.keep('readers', `the operator is told "${word}"`, forOperator.includes(written));
  }
  const isTold = reading.faults.some(({ code }) => code === record.faults[0]?.code);
  ledger.keep('readers', 'the tenant is told of the fault', isTold);
}

function checkState(ledger: PromiseLedger, { record: { instance, guest }, guestBefore }: FailedStart): void {
  const { vmState, taskState, powerState } = instance;
  ledger.keep('settled', `the task state is none, not ${taskState ?? 'none'}`, taskState === null);
  ledger.keep('settled', `the vm state is error, not ${vmState}`, vmState === 'error');
  ledger.keep(
    'settled',
    `the hypervisor says ${powerState} too, not ${guest.powerState}`,
    powerState === guest.powerState,
  );

  const news = guest.belongings.filter((belonging) => !guestBefore.belongings.includes(belonging));
  ledger.keep('cleanedUp', `the guest is SHUTDOWN, not ${guest.powerState}`, guest.powerState === 'SHUTDOWN');
  ledger.keep('cleanedUp', `the host holds nothing new, such as ${news.join(', ')}`, news.length === 0);
}
