import type { Net } from './net.js';

const inTurn = 'packages/libvirt-client/test/client/calls-in-turn.test.ts';
const contact = 'packages/core/test/hypervisor-contact.test.ts';

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
        file: 'packages/libvirt-client/src/client/pooled-link.ts',
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
  {
    cases: ['D10'],
    without: 'the words of OpenSSH for known_hosts_verify',
    test: 'packages/libvirt-client/test/transport/ssh-arguments.test.ts',
    title: 'the arguments of ssh say known_hosts_verify=auto in words of OpenSSH',
    edits: [
      {
        file: 'packages/libvirt-client/src/transport/ssh-arguments.ts',
        from: "if (parameters.knownHostsVerify === 'auto')",
        to: "if (parameters.knownHostsVerify === 'normal')",
      },
    ],
  },
  {
    cases: ['D10'],
    without: 'the authfile of the URI',
    test: 'packages/libvirt-client/test/auth/auth-file.test.ts',
    title: 'an authfile in the URI gives user name and password for the host, as to virsh',
    edits: [
      {
        file: 'packages/libvirt-client/src/rpc/session-options.ts',
        from: 'authfile === undefined ? undefined : credentialsFromFile(authfile)',
        to: 'authfile === undefined ? undefined : undefined',
      },
    ],
  },
  {
    cases: ['E15'],
    without: 'whole numbers in what a timeout of libvirt-client says',
    test: inTurn,
    title: 'the time a call may take includes the lines it waits in',
    edits: [
      {
        file: 'packages/libvirt-client/src/errors/call-errors.ts',
        from: 'const wholeMs = Math.ceil(timeoutMs);',
        to: 'const wholeMs = timeoutMs;',
      },
    ],
  },
  {
    cases: ['C19'],
    without: 'the fake driver’s new connection after the hypervisor has dropped one',
    test: contact,
    title:
      'a host whose hypervisor goes away says so in its health, and since when, until the driver has connected anew',
    edits: [
      {
        file: 'packages/driver-fake/src/hypervisor/fake-connection.ts',
        from: 'this.#parts.onDropped?.();',
        to: '',
      },
    ],
  },
  {
    cases: ['C19'],
    without: 'the look at every guest once the hypervisor is available',
    test: contact,
    title: 'a host whose hypervisor goes away compares its guests with their records as soon as it is back',
    edits: [
      {
        file: 'packages/core/src/host-life/power-sync.ts',
        from: "if (event.type === 'resync' || event.type === 'available')",
        to: "if (event.type === 'resync')",
      },
    ],
  },
  {
    cases: ['E9'],
    without: 'the look at what npm has taken for itself',
    test: 'test/swallowed-options.test.ts',
    title:
      'options that npm has taken for itself are told with the command that was meant: {"npm_config_driver":"true"}',
    edits: [
      {
        file: 'scripts/swallowed-options.mjs',
        from: 'if (script === undefined || taken.length === 0) return undefined;',
        to: 'return undefined;',
      },
    ],
  },
  {
    cases: ['E15'],
    without: 'the difference between a secret and a measure of one in refusals',
    test: 'packages/core/test/accepted-words.test.ts',
    title:
      'what is accepted is said in our words, not in those of the schema library shows a number that is a measure, and no secret',
    edits: [
      {
        file: 'packages/core/src/driver/checked-value.ts',
        from: "const isMeasure = typeof held === 'number' && measureNames.test(field);",
        to: 'const isMeasure = false;',
      },
    ],
  },
  {
    cases: ['E15'],
    without: 'the difference between a secret and a measure of one',
    test: 'packages/decorators/test/redact.test.ts',
    title: 'redact shows a number that is a measure: tokenMs',
    edits: [
      {
        file: 'packages/decorators/src/secret.ts',
        from: 'return secretNames.test(name) && !isMeasure;',
        to: 'return secretNames.test(name) && (!isMeasure || isMeasure);',
      },
    ],
  },
];
