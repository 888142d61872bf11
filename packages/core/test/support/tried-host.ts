import { ComputeError } from '@virtkit/core';
import type { AcceptedAction, Compute, ComputeManager, Instance, RequestContext, TenantAction } from '@virtkit/core';
import type { StoreWrite } from '@virtkit/core/store';
import type { FaultRequest } from '@virtkit/driver-fake';
import type { FakeComputeParts } from './fake-compute.js';
import type { ProvidedCompute } from './memory-providers.js';
import { RefusingStore } from './refusing-store.js';
import { ended, instanceUuid, ownerContext, runningInstance } from './running-instance.js';

export const minuteMs = 60_000;

type DirectCall = (manager: ComputeManager, context: RequestContext, instance: Instance) => Promise<unknown>;

/** A host on which an instance runs, with short words for what is done to it and seen of it. */
export interface TriedHost extends ProvidedCompute {
  readonly api: Compute['api'];
  readonly operator: Compute['operator'];
  /** What goes wrong the next time. */
  breaks(at: FaultRequest['at'], fault: FaultRequest['fault']): void;
  /** The same, for what throws. Answers what will be thrown. */
  throws<Thrown>(at: FaultRequest['at'], error: Thrown): Thrown;
  /** Which writes the store refuses from now on. Left out: none. */
  refuses(which?: (each: StoreWrite) => boolean): void;
  /** The action at its end, however much time that takes. */
  end(accepting: Promise<AcceptedAction>): Promise<TenantAction>;
  /** What a direct call of the manager rejects with, as it was thrown. */
  failureOf(call: DirectCall): Promise<unknown>;
  record(uuid?: string): Promise<Instance>;
}

/** A host to be tried, with an instance that runs. */
export async function triedHost(parts: FakeComputeParts = {}): Promise<TriedHost> {
  const store = new RefusingStore();
  const fake = await runningInstance({ ...parts, store });
  const { compute, hypervisor, settled } = fake;
  const record = (uuid = instanceUuid): Promise<Instance> => store.getInstance(uuid);
  return {
    ...fake,
    api: compute.api,
    operator: compute.operator,
    breaks: (at, fault) => void hypervisor.faults.add({ at, fault }),
    throws: (at, error) => {
      hypervisor.faults.add({ at, fault: { type: 'throw', error } });
      return error;
    },
    refuses: (which = () => false) => void (store.refuses = which),
    end: (accepting) => ended(fake, accepting),
    failureOf: async (call) => await settled(rejectionOf(call(compute.manager, ownerContext(), await record()))),
    record,
  };
}

/** What a promise rejects with, whatever that is. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => 'no failure',
    (failure: unknown) => failure,
  );
}

/** What a hypervisor says that could not do something with the guest. */
export function refusal(operation = 'pause', effect: 'none' | 'partial' = 'partial'): ComputeError {
  return new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation }, { effect });
}
