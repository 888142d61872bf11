import type { Net } from './net.js';

const inTurn = 'packages/libvirt-client/test/client/calls-in-turn.test.ts';

export const nets: readonly Net[] = [
  {
    cases: ['D2'],
    without: 'the line of their own that calls to an agent have',
    test: inTurn,
    title:
      'calls to the agent in a guest hold up no change of the domain, though one hangs and its caller has given it up',
    edits: [
      {
        file: 'packages/libvirt-client/src/client/domain-lines.ts',
        from: "if (agentUse === 'always') return { key: `${uuid} agent`, held: 'until answered' };",
        to: '',
      },
    ],
  },
  {
    cases: ['D2'],
    without: 'the limit of calls that wait for agents',
    test: inTurn,
    title: 'calls to the agent in a guest leave places for other domains: no more than agentCallsMax wait for agents',
    edits: [
      {
        file: 'packages/libvirt-client/src/client/libvirt-client.ts',
        from: "return agentUseOf(procedure, args) === 'always' ? this.#agents : undefined;",
        to: "return agentUseOf(procedure, args) === 'always' ? this.#slow : undefined;",
      },
    ],
  },
  {
    cases: ['D3'],
    without: 'the knowledge of the generated method that its drivers know no flag for strings',
    test: 'packages/libvirt-client/test/objects/object-methods.test.ts',
    title: 'typed parameters are asked for without the flag for strings where drivers do not know it',
    edits: [
      {
        file: 'packages/libvirt-client/src/objects/connection-calls.gen.ts',
        from: 'this.call(remote.nodeGetCPUStats, { cpuNum, nparams, flags }, remaining)',
        to: 'this.call(remote.nodeGetCPUStats, { cpuNum, nparams, flags: flags | 4 }, remaining)',
      },
    ],
  },
];
