import { driverMethods, type DriverMethod, type FakeHypervisor } from '@virtkit/driver-fake';
import { vi } from 'vitest';

/** Asked by whoever wants to know, begins or ends, and no part of what an operation does. */
const beside: readonly DriverMethod[] = ['inspect', 'getInfo', 'getAvailableResource', 'initHost', 'cleanupHost'];

/** What the drivers of some hosts are asked from now on, in the order of all of them together, without questions and what opens and closes a host. */
export function askedOfDrivers(hypervisors: readonly FakeHypervisor[]): readonly DriverMethod[] {
  const calls: DriverMethod[] = [];
  for (const { journal } of hypervisors) {
    const begin = journal.begin.bind(journal);
    vi.spyOn(journal, 'begin').mockImplementation((operation, instanceUuid) => {
      const method = driverMethods.find((each) => each === operation);
      if (method && !beside.includes(method)) calls.push(method);
      return begin(operation, instanceUuid);
    });
  }
  return calls;
}
