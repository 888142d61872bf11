import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

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

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
