import { FakeHypervisorError } from './fake-hypervisor-error.js';

/** What a simulated guest is doing. A suspended guest is shut off, and its memory is on the host. */
export type GuestState = 'running' | 'paused' | 'shut-off' | 'crashed';

export interface GuestTransition {
  readonly from: readonly GuestState[];
  readonly to: GuestState;
}

/** Everything that can happen to a guest. What is not here is refused, as a real hypervisor refuses it. */
export const guestTransitions = {
  start: { from: ['shut-off'], to: 'running' },
  startPaused: { from: ['shut-off'], to: 'paused' },
  stop: { from: ['running', 'paused', 'crashed'], to: 'shut-off' },
  askToStop: { from: ['running'], to: 'running' },
  pauseCpus: { from: ['running'], to: 'paused' },
  resumeCpus: { from: ['paused'], to: 'running' },
  saveMemory: { from: ['running', 'paused'], to: 'shut-off' },
  restoreMemory: { from: ['shut-off'], to: 'paused' },
  undefine: { from: ['shut-off'], to: 'shut-off' },
  stopFromInside: { from: ['running'], to: 'shut-off' },
  crash: { from: ['running', 'paused'], to: 'crashed' },
} as const satisfies Record<string, GuestTransition>;

export type GuestTransitionName = keyof typeof guestTransitions;

/** The state after a transition. @throws FakeHypervisorError `invalid-state` */
export function stateAfter(name: GuestTransitionName, state: GuestState, guestName: string): GuestState {
  const transition: GuestTransition = guestTransitions[name];
  if (transition.from.includes(state)) return transition.to;
  const message = `Requested operation is not valid: cannot ${name} domain '${guestName}' while it is ${state}`;
  throw new FakeHypervisorError('invalid-state', message);
}
