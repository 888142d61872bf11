import {
  computeErrors,
  type ComputeErrorCode,
  type InstanceAction,
  type InstanceFault,
  type Notification,
  type OperatorFailure,
} from '@virtkit/core';
import type { Claim } from './claim.js';
import type { Happened } from './happened.js';

/**
 * Each action of the instance that had a start has one end, told once and of the right kind; each that failed has one fault, whatever ended it:
 * itself, a cancel, a preempting operation, recovery or an administrator. It has one exception notification too, unless its caller is at fault.
 */
export async function toldEnds(happened: Happened, claim: Claim): Promise<void> {
  const { store, instanceUuid } = happened;
  const faults = await store.listFaults(instanceUuid);
  for (const [requestId, actions] of byRequest(await store.listActions(instanceUuid))) {
    const all = await store.listNotifications({ afterSequence: 0, requestId, countMax: 1_000 });
    const told = all.filter((each) => each.instanceUuid === instanceUuid);
    const of = (wanted: (action: InstanceAction) => boolean): number => actions.filter(wanted).length;
    const alarms = of(({ uuid, state }) => state !== 'succeeded' && isAlarm(faults, uuid));
    const names = actions.map(({ operation, state }) => `${operation} (${state})`).join();
    const same = sameCount(happened, names, claim);

    same('starts', count(told, 'start'), of(isStarted));
    same(
      'ends',
      count(told, 'end'),
      of((action) => isStarted(action) && action.state === 'succeeded'),
    );
    same(
      'errors',
      count(told, 'error'),
      of((action) => isStarted(action) && action.state !== 'succeeded'),
    );
    same('exceptions', told.filter(({ eventType }) => eventType === 'compute.exception').length, alarms);
    for (const { uuid, state, failure } of actions) {
      const own = faults.filter(({ actionUuid }) => actionUuid === uuid);
      same('faults', own.length, state === 'succeeded' ? 0 : 1);
      claim(
        own.every(({ code }) => code === failure?.code),
        `the fault says ${own[0]?.code}, the action ${failure?.code}`,
      );
    }
  }
}

/** Each step of an action is closed; the last one as the action ended. */
export async function closedSteps(happened: Happened, claim: Claim): Promise<void> {
  const { store, instanceUuid, lostWrites } = happened;
  for (const action of await store.listActions(instanceUuid)) {
    const { uuid, state, operation } = action;
    const events = await store.listEvents(uuid);
    const isClosed = events.every(({ finishedAtMs }) => finishedAtMs !== null);
    claim(isClosed || lostWrites === 'some', `an event of ${operation} is left open`);
    const wanted = state === 'succeeded' ? 'Success' : 'Error';
    const last = events.at(-1);
    const isMissing = last === undefined && (!isStarted(action) || lostWrites === 'some');
    claim(isMissing || last?.result === wanted || lostWrites === 'some', `a step of ${operation} ends ${last?.result}`);
    const successes = events.filter(({ result }) => result === 'Success').length;
    claim(successes <= 1, `${successes} steps of ${operation} have succeeded`);
  }
}

/** Whether somebody else than its caller is at fault that an action failed, or that what came after its failure did. */
function isAlarm(faults: readonly InstanceFault[], action: string): boolean {
  const [failure] = faults.find(({ actionUuid }) => actionUuid === action)?.operator.failures ?? [];
  return failure !== undefined && [failure, ...failure.suppressed.map((each) => each.failure)].some(isOthersFault);
}

function isOthersFault({ code }: OperatorFailure): boolean {
  return code === undefined || !isCode(code) || computeErrors[code].atFault !== 'caller';
}

function isCode(code: string): code is ComputeErrorCode {
  return Object.hasOwn(computeErrors, code);
}

function isStarted({ startedAtMs }: InstanceAction): boolean {
  return startedAtMs !== null;
}

function count(told: readonly Notification[], phase: 'start' | 'end' | 'error'): number {
  return told.filter(({ eventType }) => eventType.startsWith('instance.') && eventType.endsWith(`.${phase}`)).length;
}

function byRequest(actions: readonly InstanceAction[]): ReadonlyMap<string, readonly InstanceAction[]> {
  const groups = new Map<string, InstanceAction[]>();
  for (const action of actions) {
    const group = groups.get(action.requestId);
    if (group) group.push(action);
    else groups.set(action.requestId, [action]);
  }
  return groups;
}

/** What a store has lost for good is missing, once, and the log says so. */
function sameCount({ lostWrites, logLines }: Happened, names: string, claim: Claim) {
  return (what: string, found: number, wanted: number): void => {
    const isAloud = lostWrites === 'some' && logLines.some((line) => line.includes('"level":50'));
    const isMissing = isAloud && Math.abs(found - wanted) === 1;
    claim(found === wanted || isMissing, `${found} ${what} are told of ${names} instead of ${wanted}`);
  };
}
