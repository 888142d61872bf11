import { inspect } from 'node:util';
import { ComputeError, computeLog } from '@virtkit/core';

/** Words that no tenant may read: a path, an address, and plain ones. */
export const hostWords = "Cannot access '/srv/secret/disk' on node-17 (10.0.0.7)";
const plainHostWords = 'the customer next door has filled rack seven';
export const anyHostWords = /srv|node-17|10\.0\.0\.7|next door|rack seven/;

const TEN_MB = 10 * 1_048_576;
const uuid = '11111111-2222-4333-8444-555555555555';

function throwing(): never {
  throw new Error(hostWords);
}

function cyclic(): object {
  const details: Record<string, unknown> = { instanceUuid: uuid, reason: 'disk' };
  details['self'] = details;
  return details;
}

function causedByItself(): Error {
  const error = new Error(hostWords);
  error.cause = error;
  return error;
}

function changed(change: (error: ComputeError) => unknown): ComputeError {
  const error = new ComputeError('GUEST_START_FAILED', { instanceUuid: uuid, reason: 'disk' }, { cause: hostWords });
  change(error);
  return error;
}

const made = (code: string, details: object): ComputeError => new ComputeError(code as never, details as never);

/** What a driver, a provider or a store may throw to get its words to a tenant, or to make us fall over it. */
export const hostileFailures: readonly (readonly [what: string, make: () => unknown])[] = [
  ['words', () => hostWords],
  ['ten million characters', () => hostWords.padEnd(TEN_MB, '.')],
  ['an error of ten million characters', () => new Error(hostWords.padEnd(TEN_MB, '.'))],
  ['nothing', () => undefined],
  ['an object', () => ({ code: 'INVALID_INPUT', message: hostWords })],
  ['an error that causes itself', causedByItself],
  [
    'a proxy that throws',
    () => new Proxy(new Error(hostWords), { get: throwing, getPrototypeOf: throwing, has: throwing }),
  ],
  [
    'an error behind a throwing prototype',
    () => Object.setPrototypeOf(new Error(hostWords), new Proxy(Error.prototype, { get: throwing })),
  ],
  ['an error whose message throws', () => Object.defineProperty(new Error('x'), 'message', { get: throwing })],
  ['an error whose cause throws', () => Object.defineProperty(new Error(hostWords), 'cause', { get: throwing })],
  ['plain words as a reason', () => made('NOT_SUPPORTED', { capability: 'pause', reason: plainHostWords })],
  ['plain words as an ability', () => made('NOT_SUPPORTED', { capability: plainHostWords, reason: plainHostWords })],
  [
    'plain words as what is accepted',
    () => made('INVALID_INPUT', { field: 'uuid', value: '1', accepted: plainHostWords }),
  ],
  ['plain words as a value', () => made('INVALID_INPUT', { field: 'uuid', value: plainHostWords, accepted: 'a uuid' })],
  ['plain words as a field', () => made('INVALID_INPUT', { field: 'node-17', value: '1', accepted: 'a uuid' })],
  ['plain words as a volume', () => made('VOLUME_NOT_FOUND', { volumeId: plainHostWords })],
  ['plain words as a network', () => made('NETWORK_UNAVAILABLE', { networkId: plainHostWords })],
  ['plain words as an image', () => made('IMAGE_NOT_FOUND', { imageId: plainHostWords })],
  ['plain words as a device', () => made('DEVICE_NOT_FOUND', { instanceUuid: uuid, device: plainHostWords })],
  ['plain words as an operation', () => made('OUTCOME_UNKNOWN', { operation: plainHostWords })],
  ['plain words as an abort', () => made('ABORTED', { operation: plainHostWords })],
  ['plain words as a record', () => made('RECORD_DAMAGED', { record: plainHostWords, uuid: 'unknown' })],
  ['plain words as a key', () => made('IDEMPOTENCY_CONFLICT', { idempotencyKey: plainHostWords })],
  ['plain words as a correlation', () => made('INTERNAL', { correlationId: plainHostWords })],
  [
    'plain words as states',
    () =>
      made('INSTANCE_INVALID_STATE', {
        instanceUuid: uuid,
        operation: 'pause',
        attribute: 'vm state',
        actual: plainHostWords,
        accepted: [plainHostWords],
      }),
  ],
  [
    'plain words as a task state',
    () => made('UNEXPECTED_TASK_STATE', { instanceUuid: uuid, expected: ['none'], actual: plainHostWords }),
  ],
  [
    'plain words in a configuration',
    () => made('INVALID_CONFIGURATION', { field: 'x', value: plainHostWords, accepted: 'y' }),
  ],
  [
    'one detail more',
    () => changed((error) => Object.assign(error, { details: { ...error.details, hint: plainHostWords } })),
  ],
  ['details that change', () => changed((error) => Object.defineProperty(error, 'details', { get: changing() }))],
  [
    'details with an accessor',
    () =>
      changed((error) =>
        Object.assign(error, {
          details: {
            instanceUuid: uuid,
            get reason() {
              return throwing();
            },
          },
        }),
      ),
  ],
  ['details that hold themselves', () => changed((error) => Object.assign(error, { details: cyclic() }))],
  [
    'details with a prototype',
    () =>
      changed((error) =>
        Object.assign(error, { details: Object.create({ instanceUuid: uuid, reason: hostWords }) as object }),
      ),
  ],
  [
    'details behind a proxy',
    () => changed((error) => Object.assign(error, { details: new Proxy(error.details, { ownKeys: throwing }) })),
  ],
  ['a code of its own', () => changed((error) => Object.assign(error, { code: plainHostWords }))],
  ['the code of a prototype', () => changed((error) => Object.assign(error, { code: 'toString' }))],
  ['an effect of its own', () => changed((error) => Object.assign(error, { effect: hostWords }))],
  ['a message of its own', () => changed((error) => Object.assign(error, { message: hostWords }))],
  ['a stack of its own', () => changed((error) => Object.assign(error, { stack: hostWords }))],
  ['a name of its own', () => changed((error) => Object.assign(error, { name: hostWords }))],
  ['one field more', () => changed((error) => Object.assign(error, { path: hostWords }))],
  [
    'a text for those who print it',
    () => changed((error) => Object.assign(error, { [inspect.custom]: () => hostWords, toJSON: () => hostWords })),
  ],
  [
    'a text for its tenant',
    () => changed((error) => Object.assign(error, { toTenant: () => ({ code: 'INTERNAL', message: hostWords }) })),
  ],
  ['a cause that stays', () => changed((error) => Object.freeze(error))],
];

function changing(): () => object {
  let reads = 0;
  return () => ({ instanceUuid: uuid, reason: reads++ < 2 ? 'disk' : hostWords });
}

/** Everything that ordinary code makes of an error, one text after the other. */
export function seenOf(failure: unknown): string {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  computeLog({ destination }).info({ failedWith: failure }, 'as a field');
  const shown = [inspect(failure), inspect(failure, { depth: null }), JSON.stringify(failure), String(failure)];
  const { name, message, stack, cause } = structuredClone(failure) as Error;
  const told = failure instanceof ComputeError ? JSON.stringify(failure.toTenant()) : '';
  return [...shown, told, name, message, stack, inspect(cause), ...lines].join('\n');
}
