import type { ComputeApi, ComputeManager, Instance, RequestContext } from '@virtkit/core';
import { requestContext } from '@virtkit/core';

const tenant = { projectId: 'project-1', userId: 'user-1' };

type Step<Door> = (door: Door, context: RequestContext, instance: Instance) => Promise<Instance>;
type Request = (api: ComputeApi, context: RequestContext, uuid: string) => ReturnType<ComputeApi['pause']>;

/** From `active` through every lifecycle operation back to `active`. `peers/nova_compute.py` does the same with Nova. */
const managerSteps: readonly Step<ComputeManager>[] = [
  (manager, context, instance) => manager.rebootInstance(context, instance, 'HARD'),
  (manager, context, instance) => manager.pauseInstance(context, instance),
  (manager, context, instance) => manager.unpauseInstance(context, instance),
  (manager, context, instance) => manager.suspendInstance(context, instance),
  (manager, context, instance) => manager.resumeInstance(context, instance),
  (manager, context, instance) => manager.stopInstance(context, instance),
  (manager, context, instance) => manager.startInstance(context, instance),
];

const requests: readonly Request[] = [
  (api, context, uuid) => api.reboot(context, uuid, 'HARD'),
  (api, context, uuid) => api.pause(context, uuid),
  (api, context, uuid) => api.unpause(context, uuid),
  (api, context, uuid) => api.suspend(context, uuid),
  (api, context, uuid) => api.resume(context, uuid),
  (api, context, uuid) => api.stop(context, uuid, { gracePeriodMs: 0 }),
  (api, context, uuid) => api.start(context, uuid),
];

export const operationsPerCycle = managerSteps.length;

/** One cycle by calls to the manager, each awaited. Answers the instance after it. */
export async function cycleThroughManager(manager: ComputeManager, instance: Instance): Promise<Instance> {
  let present = instance;
  for (const step of managerSteps) present = await step(manager, requestContext(tenant), present);
  return present;
}

/** One cycle by requests to the API, each awaited until its action is finished. */
export async function cycleThroughApi(api: ComputeApi, instanceUuid: string): Promise<void> {
  for (const request of requests) {
    const { finished } = await request(api, requestContext(tenant), instanceUuid);
    const { state, name } = await finished;
    if (state !== 'succeeded') throw new Error(`${name} of ${instanceUuid} has ${state}`);
  }
}
