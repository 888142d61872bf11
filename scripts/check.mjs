// `npm run check [-- --update]`: everything that can be said about the sources without running them. One line a tool; what
// a failing one said comes at the end. With --update, the format and the API reports are rewritten instead of compared.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { pack } from './pack.mjs';
import { packages } from './packages.mjs';
import { onPinnedNode } from './pinned-node.mjs';
import { root } from './run.mjs';

/** @typedef {{ name: string, commands: readonly (readonly [string, ...string[]])[] }} Check */

await onPinnedNode(import.meta.url);
await build();

const update = process.argv.includes('--update');
const scratch = mkdtempSync(join(tmpdir(), 'virtkit-check-'));
try {
  const failures = await runAll(checksOf([...(await pack(scratch)).values()]));
  for (const { name, output } of failures) console.error(`\n--- ${name}\n${output.trim()}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true });
}

/** @param {readonly string[]} tarballs @returns {Check[]} the longest first */
function checksOf(tarballs) {
  return [
    { name: 'lint (eslint)', commands: [['eslint', '--max-warnings', '0', '.']] },
    {
      name: 'types of the packages (attw)',
      commands: tarballs.map((tarball) => ['attw', tarball, '--profile', 'esm-only', '--no-color']),
    },
    {
      name: 'public API (api-extractor)',
      commands: [['node', 'scripts/api-reports.mjs', ...(update ? ['--update'] : [])]],
    },
    { name: 'types of sources and tests (tsc)', commands: [['tsc', '-p', 'tsconfig.test.json', '--pretty', 'false']] },
    {
      name: 'format (prettier)',
      commands: [['prettier', update ? '--write' : '--check', '--log-level', 'warn', '.']],
    },
    {
      name: 'levels (dependency-cruiser)',
      commands: [['depcruise', '--output-type', 'err-long', 'packages', 'bench', 'scripts', 'test']],
    },
    { name: 'nothing unused (knip)', commands: [['knip', '--no-progress', '--no-config-hints']] },
    {
      name: 'generated sources are as generated',
      commands: generators().map((generator) => ['node', generator, '--check']),
    },
    { name: 'packages (publint)', commands: tarballs.map((tarball) => ['publint', 'run', tarball, '--strict']) },
  ];
}

/** A package that generates sources has a scripts/generate.mjs, which compares when given --check. */
function generators() {
  return packages()
    .map(({ path }) => join(path, 'scripts', 'generate.mjs'))
    .filter((generator) => existsSync(generator));
}

/** @param {Check[]} checks */
async function runAll(checks) {
  const queue = [...checks];
  /** @type {{ name: string, output: string }[]} */
  const failures = [];
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const started = performance.now();
      const { ok, output } = await runOne(check);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${ok ? 'ok    ' : 'FAILED'} ${seconds.padStart(5)} s  ${check.name}`);
      if (!ok) failures.push({ name: check.name, output });
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  return failures;
}

/** @param {Check} check */
async function runOne({ commands }) {
  const said = [];
  for (const command of commands) {
    const { ok, output } = await outputOf(command);
    if (!ok) said.push(output);
  }
  return { ok: said.length === 0, output: said.join('\n') };
}

/** @param {readonly [string, ...string[]]} command */
async function outputOf([program, ...args]) {
  let output = '';
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  /** @type {number | null} */
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { ok: code === 0, output };
}
