// `npm start [-- ARGUMENTS]`: installs what is missing, compiles what has changed, and runs `virtkit tour ARGUMENTS`.
import { join } from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { onPinnedNode } from './pinned-node.mjs';
import { root, run } from './run.mjs';

await onPinnedNode(import.meta.url, ['driver', 'uri', 'install']);
await build();
process.exitCode = await run(process.execPath, [
  join(root, 'packages/cli/dist/main.js'),
  'tour',
  ...process.argv.slice(2),
]);
