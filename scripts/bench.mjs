// `npm run bench [-- NAME …] [--write]`: installs what is missing, compiles, and runs the benchmarks. See bench/README.md.
import { join } from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { onPinnedNode } from './pinned-node.mjs';
import { root, run } from './run.mjs';

await onPinnedNode(import.meta.url);
await build();
const projects = ['bench', 'bench/tsconfig.standard-decorators.json'];
process.exitCode =
  (await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', ...projects])) ||
  (await run(process.execPath, [join(root, 'bench/dist/main.js'), ...process.argv.slice(2)]));
