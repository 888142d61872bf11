// `npm test [-- VITEST ARGUMENTS]`: installs what is missing, compiles, runs every test this machine can run, looks what the
// tests left behind, and ends with what did not run and why, and with the counts. With CI set, what did not run is a failure.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { leftSince, look } from './leftovers.mjs';
import { onPinnedNode } from './pinned-node.mjs';
import { run } from './run.mjs';
import { readReport } from './vitest-report.mjs';
import { whatCannotRun } from './what-cannot-run.mjs';

await onPinnedNode(import.meta.url);
await build();
const gaps = await whatCannotRun();

// A short name: the path of a socket inside it may have 107 bytes at most.
const directory = mkdtempSync(join(tmpdir(), 'vk-'));
const temporary = join(directory, 't');
mkdirSync(temporary);
try {
  const before = look();
  const reportFile = join(directory, 'report.json');
  // Node's compile cache would go to the temporary directory too, and stay there on purpose.
  const env = { ...process.env, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1' };
  const code = await run('vitest', vitestArguments(reportFile), { env });
  const { passed, failed, skipped } = readReport(reportFile, code);

  const left = await leftSince(before, temporary);
  say('Left behind by the tests', left);
  // Of some tests, those that were left out are no failure; why they were is said all the same.
  const isWhole = process.argv.length === 2;
  const notRun = isWhole ? whatDidNotRun(skipped) : [];
  say('Did not run', isWhole ? notRun : gaps.map(({ project, reason }) => `the project ${project}: ${reason}`));

  const failures = failed + left.length + (process.env['CI'] === undefined ? 0 : notRun.length);
  process.exitCode = failures > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failures} failed`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** @param {string} reportFile */
function vitestArguments(reportFile) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  return ['run', ...reporters, ...gaps.map(({ project }) => `--project=!${project}`), ...process.argv.slice(2)];
}

/** @param {number} skipped */
function whatDidNotRun(skipped) {
  const files = gaps.flatMap(({ files: all, reason }) =>
    all.map((file, index) => `${file}: ${index === 0 ? reason : 'the same'}`),
  );
  return skipped === 0 ? files : [...files, `${skipped} skipped tests`];
}

/** @param {string} title @param {readonly string[]} lines */
function say(title, lines) {
  if (lines.length > 0) console.log([`\n${title}:`, ...lines.map((line) => `- ${line}`)].join('\n'));
}
