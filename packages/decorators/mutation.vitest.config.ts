import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The tests of this package alone, for Stryker: its sandbox holds no other. */
export default defineConfig({
  resolve: { alias: { '@virtkit/decorators': fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  root: import.meta.dirname,
  test: { include: ['test/**/*.test.ts'], testTimeout: 30_000 },
});
