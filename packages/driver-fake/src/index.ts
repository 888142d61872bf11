/**
 * A simulated hypervisor, and the driver for it. The shortest way in is {@link fake}; a test makes its own
 * {@link FakeHypervisor}, on a {@link VirtualClock}, and plans what goes wrong in its {@link FaultPlan}.
 *
 * @packageDocumentation
 */
export { fake, fakeDriver } from './driver/fake-driver-definition.js';
export { FakeDriver } from './driver/fake-driver.js';
export type { FakeDriverConfiguration } from './driver/fake-driver.js';
export type { FakeConfiguration } from './driver/fake-configuration.js';

export { FakeHypervisor } from './hypervisor/fake-hypervisor.js';
export type { FakeHypervisorOptions } from './hypervisor/fake-hypervisor.js';
export { FakeDatacenter } from './hypervisor/fake-datacenter.js';
export type { FakeDatacenterOptions } from './hypervisor/fake-datacenter.js';
export type { FakeFabric, FabricOptions } from './hypervisor/fake-fabric.js';
export type { HostMode } from './hypervisor/fake-host.js';
export type { GuestInterior } from './hypervisor/guest-agent.js';
export { FakeHypervisorError } from './hypervisor/fake-hypervisor-error.js';
export type { HypervisorRefusal, RefusalSubject } from './hypervisor/fake-hypervisor-error.js';
export type { GuestState } from './hypervisor/guest-transitions.js';
export type { DiskContent } from './hypervisor/disk-content.js';
export { FakeStorage } from './hypervisor/fake-storage.js';
export type { StoredFile } from './hypervisor/fake-storage.js';
export type { DetachManner } from './hypervisor/guest-doings.js';
export type { BlockDeviceLook, DeviceLook, GuestDevices, GuestLook } from './hypervisor/guest-look.js';
export type { BootSource, DefinedGuest, FakeDisk, GuestMaker, GuestView } from './hypervisor/guest-view.js';
export type { ShutdownManner } from './hypervisor/simulated-guest.js';

export { VirtualClock } from './clock/virtual-clock.js';
export type { RunUntilIdleOptions, VirtualClockOptions } from './clock/virtual-clock.js';

export { FaultPlan } from './faults/fault-plan.js';
export type { FaultPoint, FaultRequest, PlannedFault } from './faults/fault-plan.js';
export type {
  DelayFault,
  DieFault,
  EventFault,
  Fault,
  FaultMoment,
  HangFault,
  MeetFault,
  ThrowFault,
} from './faults/fault.js';
export type { Journal, JournalEntry } from './faults/journal.js';
export { driverMethods, hypervisorSteps } from './faults/operation.js';
export type { DriverMethod, HypervisorStep, Operation } from './faults/operation.js';
export { randomFaultPlan } from './faults/random-fault-plan.js';
export type { RandomFaultPlan, RandomFaultPlanOptions } from './faults/random-fault-plan.js';
