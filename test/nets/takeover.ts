import type { Net } from './net.js';

const requests = 'packages/core/test/create-requests.test.ts';
const again =
  'a request that the first release has accepted under its idempotency key is the same when it is sent again:';

export const nets: readonly Net[] = [
  {
    cases: ['E11'],
    without: 'comparing with what the first release has recorded',
    test: requests,
    title: `${again} a creation as it was sent`,
    edits: [
      {
        file: 'packages/core/src/requests/acceptance.ts',
        from: '[parameters, formerParameters].some(',
        to: '[parameters].some(',
      },
    ],
  },
  {
    cases: ['E11'],
    without: 'the order in which a caller has sent its fields',
    test: requests,
    title: `${again} a creation with its fields in an order of its own`,
    edits: [
      {
        file: 'packages/core/src/requests/request-digest.ts',
        from: 'asGiven(request) ?? request',
        to: 'request',
      },
    ],
  },
  {
    cases: ['E11'],
    without: 'that the first release recorded no usual grace periods',
    test: requests,
    title: `${again} a stop`,
    edits: [
      {
        file: 'packages/core/src/requests/shutdown-parameters.ts',
        from: '    ...(gracePeriodMs !== undefined && { gracePeriodMs }),\n',
        to: '    gracePeriodMs: gracePeriodMs ?? 60_000,\n',
      },
    ],
  },
  {
    cases: ['E1'],
    without: 'an operation that a driver has learned, in the table of the README',
    test: 'test/readme-drivers.test.ts',
    title: 'what the README says of drivers is what the code says',
    edits: [{ file: 'README.md', from: '| rebuild, evacuate |', to: '| rebuild |' }],
  },
  {
    cases: ['E5'],
    without: 'the call of what the command does',
    test: 'test/pack-command.test.ts',
    title:
      'the command that packs does not end as if all were well, and says what it takes: an option that it does not have',
    edits: [
      {
        file: 'scripts/pack.mjs',
        from: "if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await main();",
        to: 'void main;',
      },
    ],
  },
  {
    cases: ['E14'],
    without: 'time for the rules that are not broken by hanging',
    test: 'packages/driver-testkit/test/broken-drivers.test.ts',
    title: 'a driver is caught when calls at the same time forget one another',
    edits: [
      {
        file: 'packages/driver-testkit/test/broken-drivers.test.ts',
        from: '    [20_000, (rule: string)',
        to: '    [1, (rule: string)',
      },
    ],
  },
  {
    cases: ['E16'],
    without: 'installing what Node 26 needs',
    test: 'test/what-cannot-run.test.ts',
    title: 'a machine without the library that Node 26 needs is given it, and the tests on every Node run',
    edits: [{ file: 'scripts/what-cannot-run.mjs', from: "    await install(['libatomic1']);\n", to: '' }],
  },
  {
    cases: ['E16'],
    without: 'the root of a container in the paths that the kernel tells',
    test: 'packages/libvirt-testbed/test/path-in-file-system.test.ts',
    title: 'the path of a directory in its file system is longer in a container on a directory',
    edits: [
      {
        file: 'packages/libvirt-testbed/src/daemon/path-in-file-system.ts',
        from: 'return join(nearest.root, relative(',
        to: "return join('/', relative(",
      },
    ],
  },
  {
    cases: ['E17'],
    without: 'the look for a chroot',
    test: 'test/what-cannot-run.test.ts',
    title: 'a chroot is told in one sentence what it cannot do and what to do with a root that is a mount point',
    edits: [
      {
        file: 'scripts/what-cannot-run.mjs',
        from: '  if (isInChroot(nsenter)) {',
        to: '  if (isInChroot(nsenter) && nsenter === unshare) {',
      },
    ],
  },
];
