import { foldersOf, mayImport } from './scripts/levels.mjs';

const door = (/** @type {string} */ name) => {
  const [folder, ...subpath] = name.split('/');
  return `^${['packages', folder, 'src', ...subpath].join('/')}/index[.]ts$`;
};

const promiseList = '^packages/core/test/support/promises/promise-list[.]ts$';
const anyDoor = ['^packages/[^/]+/src/index[.]ts$', '^packages/[^/]+/src/[^/]+/index[.]ts$'];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const levels = Object.entries(mayImport).map(([name, doors]) => ({
  name: `${name}-imports-only-down`,
  comment: doors.length === 0 ? `${name} imports nothing of ours.` : `${name} imports only ${doors.join(', ')}.`,
  severity: 'error',
  from: { path: `^packages/${name}/src/` },
  to: { path: '^packages/', pathNot: [`^packages/${name}/`, ...doors.map(door)] },
}));

const within = (/** @type {string} */ name, /** @type {readonly string[]} */ folders) =>
  `^packages/${name}/src/(${folders.join('|')})/`;

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const levelsWithin = Object.entries(foldersOf).flatMap(([name, folders]) => [
  ...folders.slice(0, -1).map((folder, index) => ({
    name: `${name}-${folder}-imports-only-down`,
    comment: `${folder} imports nothing of what stands above it in scripts/levels.mjs.`,
    severity: /** @type {const} */ ('error'),
    from: { path: within(name, [folder]) },
    to: { path: within(name, folders.slice(index + 1)) },
  })),
  {
    name: `no-unlisted-folder-of-${name}`,
    comment: `A new folder of ${name} needs its place in scripts/levels.mjs.`,
    severity: /** @type {const} */ ('error'),
    from: { path: `^packages/${name}/src/[^/]+/`, pathNot: within(name, folders) },
    to: {},
  },
]);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...levels,
    ...levelsWithin,
    {
      name: 'no-unlisted-package',
      comment: 'A new package needs a line in scripts/levels.mjs.',
      severity: 'error',
      from: { path: '^packages/', pathNot: `^packages/(${Object.keys(mayImport).join('|')})/` },
      to: {},
    },
    {
      name: 'through-the-door',
      comment:
        'Another package is entered through an index.ts, never past it. The one list of promises is for the tests of all packages.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: ['^packages/$1/', ...anyDoor, promiseList] },
    },
    {
      name: 'through-the-door-from-outside',
      comment: 'So do the repository tests, the benchmarks and the scripts (these may also load what was built).',
      severity: 'error',
      from: { pathNot: '^packages/' },
      to: { path: '^packages/', pathNot: [...anyDoor, '^packages/[^/]+/dist/'] },
    },
    {
      name: 'sources-do-not-know-tests',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { path: '^(packages/[^/]+/test|test|bench|scripts)/' },
    },
    {
      name: 'testbed-is-for-tests',
      comment: 'It starts daemons as root: only tests, benchmarks, the scripts and the command may.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/(cli|libvirt-testbed)/' },
      to: { path: '^packages/libvirt-testbed/' },
    },
    {
      name: 'driver-door-has-no-third-party-behind-it',
      comment: 'Who writes a driver installs our contract and nothing else: not even two files behind the door.',
      severity: 'error',
      from: { path: door('core/driver') },
      to: { path: 'node_modules/', reachable: true },
    },
    {
      name: 'decorators-have-no-dependency',
      severity: 'error',
      from: { path: '^packages/decorators/src/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'only-composition-knows-inversify',
      comment:
        'The composition root and the modules of the packages. Everything else takes what it needs by constructor.',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['^packages/[^/]+/src/composition/', '/[^/]*-module[.]ts$'] },
      to: { path: 'node_modules/(inversify|reflect-metadata)/' },
    },
    {
      name: 'no-circular',
      comment: 'Nothing is loaded in a circle. Types may name each other: that is gone at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'An import of something that is not there, or that this package does not list.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'sources-import-what-they-list',
      comment: 'A tool of the repository, such as a test runner, is no dependency of a package.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '^packages/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: { conditionNames: ['types', 'import', 'default'], exportsFields: ['exports'] },
  },
};
