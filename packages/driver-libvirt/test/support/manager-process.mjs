// A compute manager in a process of its own, to be killed or paused. It does one thing to one instance; its records are kept by the process that
// has started it, which also sees every call to libvirt go by. Plain JavaScript on the built packages: a child has no test runner.
import { ComputeError, createCompute, requestContext, silentLog } from '@virtkit/core';
import { instanceFromFields } from '@virtkit/core/store';
import { libvirtDriver } from '@virtkit/driver-libvirt';
import { LibvirtClient } from '@virtkit/libvirt-client';

/** @type {Map<number, PromiseWithResolvers<unknown>>} */
const pending = new Map();
let calls = 0;

/** @param {unknown} message */
const send = (message) => process.send?.(message);

process.on('message', (/** @type {any} */ { id, value, failure }) => {
  const call = pending.get(id);
  pending.delete(id);
  if (failure) call?.reject(new ComputeError(failure.code, failure.details));
  else call?.resolve(withBrand(value));
});

/**
 * What is an instance loses its brand between processes.
 * @param {any} value
 * @returns {unknown}
 */
function withBrand(value) {
  if (value instanceof Map) return new Map([...value].map(([uuid, instance]) => [uuid, instanceFromFields(instance)]));
  if (Array.isArray(value)) return value.map(withBrand);
  return value !== null && typeof value === 'object' && 'vmState' in value ? instanceFromFields(value) : value;
}

/** @param {object} message */
const ask = (message) => {
  calls += 1;
  const answer = Promise.withResolvers();
  pending.set(calls, answer);
  send({ id: calls, ...message });
  return answer.promise;
};

/** @param {string} method */
const remote =
  (method) =>
  (/** @type {unknown[]} */ ...args) =>
    // The last is the options, whose signal does not cross.
    ask({ method, args: args.slice(0, -1) });

// When the fence has let a call to libvirt pass, and before it is sent, the process that has started this one is told.
const connect = LibvirtClient.connect.bind(LibvirtClient);
LibvirtClient.connect = (options = {}) => {
  /** @type {NonNullable<typeof options.beforeChange>} */
  const beforeChange = async (procedure, call) => {
    await options.beforeChange?.(procedure, call);
    await ask({ passed: procedure });
  };
  return connect({ ...options, beforeChange });
};

const methods = [
  ...['commit', 'openSession', 'renewSession', 'closeSession', 'getSession', 'getHost', 'getInstance', 'listInstances'],
  ...[
    'getAction',
    'findAction',
    'listActions',
    'listUnfinishedActions',
    'listEvents',
    'listFaults',
    'listNotifications',
  ],
  ...['getMigration', 'listMigrations', 'findConsoleToken', 'listDamaged'],
];
const store = /** @type {import('@virtkit/core/store').ComputeStore} */ (
  /** @type {unknown} */ (Object.fromEntries(methods.map((method) => [method, remote(method)])))
);

const { configuration, instanceUuid, work, session, host } = JSON.parse(process.argv[2] ?? '');
const driver = { name: 'libvirt', configuration };
const access = /** @type {const} */ ({ hostResources: 'everybody' });
const compute = await createCompute({ host, session, drivers: [libvirtDriver], driver, access, store, log: silentLog });
compute.events.on('session.lost', () => void compute.close().then(() => send({ lost: true })));
send({ ready: true });
const context = requestContext({ projectId: 'project-1', userId: 'user-1' });
/** @returns {Promise<import('@virtkit/core').AcceptedAction>} */
const begun = () => {
  if (work === 'hardReboot') return compute.api.reboot(context, instanceUuid, 'HARD');
  return work === 'start' ? compute.api.start(context, instanceUuid) : compute.api.create(context, work.create);
};
const { finished } = await begun();
send({ finished: await finished });
