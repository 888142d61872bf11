import { isComputeError } from '@virtkit/core/driver';
import { FakeHypervisorError } from '../hypervisor/fake-hypervisor-error.js';
import type { DriverCall } from './driver-call.js';

/**
 * Does one step that changes something, and notes in the call that it has, or may have: only of a step that the hypervisor
 * refused, or was never sent, it is certain that nothing came of it. A step that the fence refused was never sent.
 */
export async function changing(call: DriverCall, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (failure) {
    const isRefused = failure instanceof FakeHypervisorError && failure.refusal !== 'answer-lost';
    if (!isRefused && !isComputeError(failure, 'SESSION_LOST')) call.effect = 'partial';
    throw failure;
  }
  call.effect = 'partial';
}

/** Waits for a step; a refusal that means "it is so already" is no failure. */
export async function unless(fine: readonly FakeHypervisorError['refusal'][], step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (failure) {
    if (!(failure instanceof FakeHypervisorError && fine.includes(failure.refusal))) throw failure;
  }
}
