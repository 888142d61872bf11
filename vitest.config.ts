import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { threadPrograms } from './test/thread-programs.js';

const packages = new URL('./packages/', import.meta.url);

/** `@virtkit/core/driver` → packages/core/src/driver/index.ts, so that tests run on sources, not on yesterday's build. */
const alias = readdirSync(packages).flatMap((name) => [
  {
    find: new RegExp(`^@virtkit/${name}/(.+)$`),
    replacement: fileURLToPath(new URL(`${name}/src/$1/index.ts`, packages)),
  },
  {
    find: new RegExp(`^@virtkit/${name}$`),
    replacement: fileURLToPath(new URL(`${name}/src/index.ts`, packages)),
  },
]);

/** Tests on a real libvirt have this ending; `npm test` leaves them out, and says so, where there can be none. */
const real = 'packages/*/test/**/*.real.test.ts';

/** What takes more than three seconds: sweeps over every point of a failure, kills, and whole suites. `npm run test:quick` leaves them out. */
const long = [
  'packages/core/test/{belongings,driver-fault,preemption,store-fault}-matrix.test.ts',
  'packages/core/test/moves-*.test.ts',
  'packages/core/test/crash/*.test.ts',
  'packages/core/test/{concurrency,damaged-records,driver-calls,evacuated-host,three-managers,wrong-arguments}.test.ts',
  'packages/driver-fake/test/conformance.test.ts',
  'packages/driver-testkit/test/broken-drivers.test.ts',
  'packages/providers-local/test/{images,kill-nine,preempted-rounds}.test.ts',
  'packages/store-sql/test/sqlite-{conformance,kill}.test.ts',
  'packages/cli/test/tour/fake-tour.test.ts',
  'test/rules-bite.test.ts',
];

/** What a stranger gets: the packed packages in a project of its own. Runs on dist. */
const packed = 'test/pack.test.ts';

export default defineConfig({
  resolve: { alias },
  plugins: [threadPrograms()],
  test: {
    hookTimeout: 120_000,
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['packages/*/test/**/*.test.ts', 'test/*.test.ts'],
          exclude: [real, packed, ...long],
          // Not one less than there are cores, which would be a single one in CI.
          maxWorkers: '100%',
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'long', include: long, maxWorkers: '100%', testTimeout: 30_000 },
      },
      {
        // Each of these files keeps both cores busy by itself: one at a time, and after the pure ones.
        extends: true,
        test: {
          name: 'real',
          include: [real],
          fileParallelism: false,
          testTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'packed',
          include: [packed],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
