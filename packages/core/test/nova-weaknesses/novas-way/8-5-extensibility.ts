import type { WaysTable } from './way.js';

export const waysOfExtensibility: WaysTable = {
  test: 'packages/core/test/nova-weaknesses.test.ts',
  weaknesses: [
    {
      title: '23. Not embeddable',
      ways: [
        {
          nova: 'the configuration is one for the process',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/composition/create-compute.ts',
              from: 'const configuration = await checkConfiguration(options);',
              to: `const all = globalThis as { CONF?: Awaited<ReturnType<typeof checkConfiguration>> };
  const configuration = (all.CONF ??= await checkConfiguration(options));`,
            },
          ],
        },
        {
          nova: 'a driver that does not load ends the process',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/composition/choose-driver.ts',
              from: "    throw new ComputeError('DRIVER_INCOMPATIBLE', details, { cause });",
              to: '    process.exit(details === cause ? 0 : 1);',
            },
          ],
        },
        {
          nova: 'the interface of drivers has no version',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/composition/choose-driver.ts',
              from: '  checkContract(name, definition.contract);\n',
              to: '  void checkContract;\n',
            },
          ],
        },
        {
          nova: 'drivers are taken from one package only',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/composition/choose-driver.ts',
              from: 'definitions.find((each) => each.name === name);',
              to: "definitions.find((each) => each.name === name && ['fake', 'libvirt'].includes(name));",
            },
          ],
        },
      ],
    },
    {
      title: '24. Opaque arguments',
      ways: [
        {
          nova: 'how a volume is reached is a JSON text',
          caughtBy: 'the compiler',
          edits: [
            {
              file: 'packages/core/src/driver/block-device.ts',
              from: '  readonly source: BlockDeviceSource;',
              to: '  readonly source: string;',
            },
          ],
        },
        {
          nova: 'a driver is given a dict',
          caughtBy: 'the compiler',
          edits: [
            {
              file: 'packages/core/src/driver/abilities/volumes.ts',
              from: 'AttachVolumeRequest extends InstanceRequest {\n  readonly device: BlockDevice;',
              to: 'AttachVolumeRequest extends InstanceRequest {\n  readonly device: any;',
            },
          ],
        },
        {
          nova: 'nobody looks into what comes from outside',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/api/volumes-api.ts',
              from: "bus: bus.default('virtio')",
              to: 'bus: z.any()',
            },
          ],
        },
      ],
    },
    {
      title: '25. Interface drift goes unseen',
      ways: [
        {
          nova: 'a mock takes whatever arguments it is called with',
          caughtBy: 'the compiler',
          edits: [
            {
              file: 'packages/core/src/driver/abilities/power.ts',
              from: 'powerOff(request: PowerOffRequest, options?: CallOptions): Promise<void>;',
              to: 'powerOff(request: any, options?: any): Promise<void>;',
            },
          ],
        },
        {
          nova: 'a required argument may be left out',
          caughtBy: 'the compiler',
          edits: [
            {
              file: 'packages/core/src/driver/abilities/volumes.ts',
              from: 'DetachVolumeRequest extends InstanceRequest {\n  readonly deviceId: string;',
              to: 'DetachVolumeRequest extends InstanceRequest {\n  readonly deviceId?: string;',
            },
          ],
        },
        {
          nova: 'a driver may lack a method of what it claims',
          caughtBy: 'the compiler',
          edits: [
            {
              file: 'packages/core/src/driver/abilities/pause.ts',
              from: '  unpause(request: GuestRequest,',
              to: '  unpause?(request: GuestRequest,',
            },
          ],
        },
      ],
    },
    {
      title: '26. FakeDriver is too tame',
      ways: [
        {
          nova: 'a pause changes nothing that can be seen',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/driver-fake/src/driver/abilities/pause.ts',
              from: '        await changing(call, () => connection.pauseCpus(instance.uuid, call));\n',
              to: '        void changing;\n',
            },
          ],
        },
        {
          nova: 'nothing can be made to fail',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/driver-fake/src/faults/fault-plan.ts',
              from: 'return struck.request.fault;',
              to: 'return undefined;',
            },
          ],
        },
        {
          nova: 'guests do nothing by themselves that anybody hears of',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/driver-fake/src/hypervisor/fake-hypervisor.ts',
              from: '    for (const connection of this.#connections) connection.deliver(event);\n',
              to: '    void event;\n',
            },
          ],
        },
        {
          nova: 'every transition is taken, from whatever state',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/driver-fake/src/hypervisor/guest-transitions.ts',
              from: 'if (transition.from.includes(state)) return transition.to;',
              to: 'if (transition.from.length > 0) return transition.to;',
            },
          ],
        },
        {
          nova: 'guests are forgotten with the driver object that has made them',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/driver-fake/src/hypervisor/fake-hypervisor.ts',
              from: 'register: (connection) => this.#connections.add(connection),',
              to: `register: (connection) => {
        for (const uuid of this.guestUuids()) this.loseGuest(uuid);
        this.#connections.add(connection);
      },`,
            },
          ],
        },
      ],
    },
    {
      title: '27. attach_interface handles only NovaException',
      ways: [
        {
          nova: 'a port is given back after exceptions of its own only',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/runner/failure-settler.ts',
              from: "if (isComputeError(failure, 'SESSION_LOST')) return {};",
              to: "if (isComputeError(failure, 'SESSION_LOST') || isComputeError(failure, 'INTERNAL')) return {};",
            },
          ],
        },
        {
          nova: 'an operation that fails says nothing more after its start',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/runner/instance-task.ts',
              from: "[this.#update(truth, this.#own()), this.#notice('error', now, failure)]",
              to: '[this.#update(truth, this.#own())]',
            },
          ],
        },
        {
          nova: 'an operation that has failed tells of its end',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/runner/instance-task.ts',
              from: "this.#notice('error', now, failure)",
              to: "this.#notice('end', now)",
            },
          ],
        },
      ],
    },
  ],
};
