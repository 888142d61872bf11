import * as fc from 'fast-check';
import {
  actionStates,
  consoleTypes,
  hostModes,
  migrationKinds,
  migrationStatuses,
  taskStates,
  vmStates,
  type ActionParameters,
  type PlainValue,
} from '@virtkit/core/store';
import { sampleRecords } from './sample-records.js';

/** An object like those that JSON gives. */
const record = ((model, constraints) =>
  fc.record(model, { ...constraints, noNullPrototype: true })) as typeof fc.record;

/** What stores spoil most readily, in one text, so that no run is without it. */
const AWKWARD = "a\0b \ud800 c\udfff \u2028 '; null \u{1f600} \r\n\t ";

const anyText = fc.oneof(
  { weight: 2, arbitrary: fc.constant(AWKWARD) },
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    'null',
    '\0',
    '\ud800',
    'a\udfff',
    '\u2028',
    "'; drop table instances; --",
    '{"a":1}',
    '__proto__',
  ),
  fc.integer({ min: 5_000, max: 20_000 }).map((length) => 'long '.repeat(length / 5)),
);
const anyNumber = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, Number.MAX_VALUE, Number.MIN_VALUE, 0.1),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => (value === 0 ? 0 : value)),
);
const anyMs = fc.maxSafeNat();
const anyPlain = fc.letrec<{ value: PlainValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    anyText,
    anyNumber,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const anyFacts = fc.dictionary(anyText.filter(isNoPrototype), anyPlain, {
  maxKeys: 4,
  noNullPrototype: true,
}) as fc.Arbitrary<ActionParameters>;
const anyLabels = fc.dictionary(fc.string({ unit: 'binary' }).filter(isNoPrototype), anyText, {
  maxKeys: 3,
  noNullPrototype: true,
});
const nullOr = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value, { nil: null });

const anyFailure = record({ code: fc.constant('GUEST_START_FAILED' as const), message: anyText });
const anyOperatorFailure = record(
  {
    name: anyText,
    message: anyText,
    code: anyText,
    stack: anyText,
    facts: anyFacts,
    suppressed: fc.array(
      record({
        during: anyText,
        failure: record({ name: anyText, message: anyText, facts: anyFacts, suppressed: fc.constant([]) }),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['name', 'message', 'facts', 'suppressed'] },
);
const anyFlavor = record({
  name: anyText,
  vcpus: fc.nat(),
  memoryMib: fc.nat(),
  rootDiskGib: fc.nat(),
  extraSpecs: anyLabels,
});
const anyStep = fc.oneof(
  record({ step: fc.constant('make-image' as const), imageId: anyText, kind: fc.constant('shelved' as const) }),
  record({ step: fc.constant('give-volume-back' as const), volumeId: anyText, reservationId: anyText }),
  record(
    {
      step: fc.constant('get-volume' as const),
      volumeId: anyText,
      reservationId: anyText,
      bus: fc.constant('virtio' as const),
      bootIndex: fc.nat(),
    },
    { requiredKeys: ['step', 'volumeId', 'reservationId', 'bus'] },
  ),
);
const anyPendingRelease = fc.oneof(
  record({ sinceMs: anyMs, kind: fc.constant('image' as const), imageId: anyText }),
  record({ sinceMs: anyMs, kind: fc.constant('volume' as const), volumeId: anyText, reservationId: anyText }),
);
const anyNetworkInterface = record(
  {
    id: fc.uuid(),
    macAddress: anyText,
    mtuBytes: fc.nat(),
    status: fc.constantFrom('active' as const, 'down' as const),
    type: fc.constant('user' as const),
  },
  { requiredKeys: ['id', 'macAddress', 'status', 'type'] },
);

/**
 * Records with anything in them that a record may have. What a record may have is what JSON can say: no bigint, no `NaN`, nothing
 * undefined; and since JSON has one zero only, no `-0`.
 */
export const arbitraryRecords = {
  instance: record({
    name: anyText,
    projectId: anyText,
    userId: anyText,
    flavor: anyFlavor,
    networkInterfaces: fc.array(anyNetworkInterface, { maxLength: 2 }),
    metadata: anyLabels,
    host: nullOr(anyText),
    vmState: fc.constantFrom(...vmStates),
    vmStateSinceMs: anyMs,
    taskState: nullOr(fc.constantFrom(...taskStates)),
    taskOwner: nullOr(anyText),
    lockedReason: nullOr(anyText),
    shelvedImageId: nullOr(anyText),
    generation: nullOr(anyText),
    createdAtMs: anyMs,
    updatedAtMs: anyMs,
    launchedAtMs: nullOr(anyMs),
    terminatedAtMs: nullOr(anyMs),
    revision: fc.maxSafeNat(),
    buildUuid: anyText,
    pendingRelease: fc.array(anyPendingRelease, { maxLength: 2 }),
  }).map((fields) => sampleRecords.instance(fields)),

  action: record({
    name: anyText,
    parameters: anyFacts,
    requestId: anyText,
    userId: anyText,
    projectId: anyText,
    priority: fc.constantFrom('normal' as const, 'urgent' as const),
    state: fc.constantFrom(...actionStates),
    host: anyText,
    epoch: nullOr(fc.maxSafeNat()),
    acceptedAtMs: anyMs,
    startedAtMs: nullOr(anyMs),
    finishedAtMs: nullOr(anyMs),
    deadlineAtMs: nullOr(anyMs),
    cancelRequestedAtMs: nullOr(anyMs),
    progress: nullOr(record({ phase: anyText, doneMib: anyNumber, totalMib: anyNumber, atMs: anyMs })),
    result: nullOr(anyFacts),
    failure: nullOr(anyFailure),
    steps: fc.array(anyStep, { maxLength: 2 }),
  }).map((fields) => sampleRecords.action(fields)),

  event: record({
    name: anyText,
    startedAtMs: anyMs,
    finishedAtMs: nullOr(anyMs),
    result: fc.constantFrom('Success' as const, 'Error' as const, null),
    failure: nullOr(anyFailure),
    operator: record({ host: anyText, traceback: nullOr(anyText) }),
  }).map((fields) => sampleRecords.event(fields)),

  fault: record({
    actionUuid: nullOr(anyText),
    requestId: nullOr(anyText),
    message: anyText,
    occurredAtMs: anyMs,
    operator: record({ host: anyText, failures: fc.array(anyOperatorFailure, { maxLength: 3 }) }),
  }).map((fields) => sampleRecords.fault(fields)),

  migration: record({
    actionUuid: nullOr(anyText),
    kind: fc.constantFrom(...migrationKinds),
    status: fc.constantFrom(...migrationStatuses),
    sourceHost: anyText,
    destinationHost: anyText,
    oldFlavor: anyFlavor,
    newFlavor: anyFlavor,
    vmStateBefore: fc.constantFrom(...vmStates),
    generationBefore: nullOr(anyText),
    generationAfter: anyText,
    createdAtMs: anyMs,
    updatedAtMs: anyMs,
  }).map((fields) => sampleRecords.migration(fields)),

  host: record({ mode: fc.constantFrom(...hostModes) }).map((fields) => sampleRecords.host(fields)),

  consoleToken: record({
    consoleType: fc.constantFrom(...consoleTypes),
    host: anyText,
    endpoint: fc.oneof(
      record({ address: anyText, port: fc.nat(), tlsPort: fc.nat() }, { requiredKeys: ['address', 'port'] }),
      record({ socketPath: anyText }),
    ),
  }).map((fields) => sampleRecords.consoleToken(fields)),

  notification: record({
    eventType: anyText,
    priority: fc.constantFrom('INFO' as const, 'ERROR' as const),
    publisher: anyText,
    requestId: nullOr(anyText),
    occurredAtMs: anyMs,
    payload: record(
      {
        vmState: fc.constantFrom(...vmStates),
        taskState: nullOr(fc.constantFrom(...taskStates)),
        failure: anyFailure,
      },
      { requiredKeys: [] },
    ),
    operator: nullOr(
      record({ method: anyText, args: fc.array(anyPlain, { maxLength: 3 }), failure: anyOperatorFailure }),
    ),
  }).map((fields) => sampleRecords.notification(fields)),
};

/** An object literal with this name means something else. */
function isNoPrototype(key: string): boolean {
  return key !== '__proto__';
}
