// `npm run novas-way [-- WORDS]`: proves that the tests of Nova's weaknesses can fail. For every change of
// packages/core/test/nova-weaknesses/novas-way/ that makes our sources do as Nova does, one is made in a copy of the sources, and the test
// of that weakness must fail there, or, where the compiler is what keeps us from it, the test must no longer compile. With words, only the
// weaknesses whose title begins with one of them: `npm run novas-way -- 7. 12.`
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { onPinnedNode } from './pinned-node.mjs';
import { root } from './run.mjs';
import { scratchCopy } from './scratch-copy.mjs';

/** @typedef {import('../packages/core/test/nova-weaknesses/novas-way/way.js').WaysTable} WaysTable */
/** @typedef {import('../packages/core/test/nova-weaknesses/novas-way/way.js').Weakness} Weakness */
/** @typedef {import('../packages/core/test/nova-weaknesses/novas-way/way.js').Way} Way */
/** @typedef {import('../packages/core/test/nova-weaknesses/novas-way/way.js').Edit} Edit */
/** @typedef {Weakness & Pick<WaysTable, 'test'>} Row */
/** @typedef {{ readonly caught: boolean, readonly how: string }} Verdict */
/** @typedef {'passed' | 'failed' | 'not run'} Outcome */

/** What takes longer says nothing, and so catches nothing. On a machine with nothing else to do nothing takes a tenth of it. */
const TRIAL_MS_MAX = 300_000;

await onPinnedNode(import.meta.url);
const scratch = mkdtempSync(join(tmpdir(), 'virtkit-novas-way-'));
/** Everything is tried on what the sources were at the start. */
const unchanged = join(scratch, 'unchanged');
process.once('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const words = process.argv.slice(2);
const rows = (await allRows()).filter(
  ({ title }) => words.length === 0 || words.some((word) => title.startsWith(word)),
);
await mustPassUnchanged(rows);
/** @type {Verdict[]} */
const verdicts = [];
await inParallel(rows, async (row) => verdicts.push(...(await tryRow(row))));
const missed = verdicts.filter(({ caught }) => !caught).length;
console.log(
  `${rows.length} tests, ${verdicts.length} of Nova's ways: ${verdicts.length - missed} caught, ${missed} not caught`,
);
process.exitCode = missed > 0 || rows.length === 0 ? 1 : 0;

/** @returns {Promise<Row[]>} */
async function allRows() {
  const folder = join(root, 'packages/core/test/nova-weaknesses/novas-way');
  const rows = [];
  for (const file of readdirSync(folder).sort()) {
    /** @type {Record<string, WaysTable>} */
    const tables = await import(join(folder, file));
    for (const { test, weaknesses } of Object.values(tables))
      rows.push(...weaknesses.map((each) => ({ ...each, test })));
  }
  return rows;
}

/** Without a change everything passes: otherwise a failure would say nothing. @param {readonly Row[]} rows */
async function mustPassUnchanged(rows) {
  scratchCopy(unchanged);
  for (const test of new Set(rows.map((row) => row.test))) {
    const { outcome, said } = await runTest(unchanged, test);
    if (outcome !== 'passed') throw new Error(`${test} has ${outcome} as it is:\n${said}`);
    const { compiles, said: errors } = await compile(unchanged, test);
    if (!compiles) throw new Error(`${test} does not compile as it is: ${errors}`);
  }
}

/** Tries all ways of a weakness, one after the other, and prints what came of them. @param {Row} row @returns {Promise<Verdict[]>} */
async function tryRow(row) {
  /** @type {Verdict[]} */
  const verdicts = [];
  for (const way of row.ways) verdicts.push(await tryWay(row, way));
  const said = row.ways.map(({ nova }, nth) => `            ${nova}\n              → ${verdicts[nth]?.how}`);
  console.log(
    [`${verdicts.every(({ caught }) => caught) ? 'caught    ' : 'NOT CAUGHT'}  ${row.title}`, ...said].join('\n'),
  );
  return verdicts;
}

/** @param {Row} row @param {Way} way @returns {Promise<Verdict>} */
async function tryWay({ test, title }, way) {
  const folder = mkdtempSync(join(scratch, 'way-'));
  try {
    cpSync(unchanged, folder, { recursive: true, verbatimSymlinks: true });
    for (const edit of way.edits) apply(edit, folder);
    if (way.caughtBy === 'the compiler') {
      const { compiles, said } = await compile(folder, test);
      return { caught: !compiles, how: compiles ? 'NOT CAUGHT: it compiles' : said };
    }
    const { outcome, said } = await runTest(folder, test, title);
    return { caught: outcome === 'failed', how: outcome === 'failed' ? said : `NOT CAUGHT: the test has ${outcome}` };
  } catch (failure) {
    return { caught: false, how: `NOT CAUGHT: ${String(failure)}` };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** @param {Edit} edit @param {string} folder */
function apply({ file, from, to }, folder) {
  const path = join(folder, file);
  const [before, after, ...others] = readFileSync(path, 'utf8').split(from);
  if (before === undefined || after === undefined || others.length > 0) {
    throw new Error(`${file} has not exactly once: ${from}`);
  }
  writeFileSync(path, before + to + after);
}

/**
 * A file of tests, or the one of them that has this title.
 *
 * @param {string} folder
 * @param {string} test
 * @param {string} [title]
 * @returns {Promise<{ outcome: Outcome, said: string }>}
 */
async function runTest(folder, test, title) {
  const report = join(folder, 'report.json');
  const named = title === undefined ? [] : ['--testNamePattern', `(^| )${title.replace(/[^a-z0-9 ]/gi, '\\$&')}$`];
  const reporting = ['--reporter=json', `--outputFile=${report}`];
  const { code, output: said } = await outputOf(folder, 'vitest', [
    'run',
    test,
    '--project=pure',
    ...named,
    ...reporting,
  ]);
  if (code === null || !existsSync(report)) return { outcome: 'not run', said };
  /** @type {{ testResults: { assertionResults: { status: string, failureMessages: string[] }[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const ran = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = ran.find(({ status }) => status === 'failed');
  if (failed) return { outcome: 'failed', said: firstLine(failed.failureMessages[0]) };
  return { outcome: code === 0 && ran.some(({ status }) => status === 'passed') ? 'passed' : 'not run', said };
}

/** @param {string} folder @param {string} test @returns {Promise<{ compiles: boolean, said: string }>} */
async function compile(folder, test) {
  const config = { extends: './tsconfig.test.json', include: [], files: [test] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { code, output } = await outputOf(folder, 'tsc', ['-p', '.', '--pretty', 'false']);
  if (code !== 0 && !output.includes('error TS')) throw new Error(`the compiler has ended with ${code}: ${output}`);
  return { compiles: code === 0, said: firstLine(output.replace(/^.*error /, '')) };
}

/** @param {string | undefined} text */
function firstLine(text = '') {
  const [line = ''] = text.split('\n');
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}

/** @param {string} cwd @param {string} program @param {readonly string[]} args @returns {Promise<{ code: number | null, output: string }>} */
async function outputOf(cwd, program, args) {
  let output = '';
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: TRIAL_MS_MAX });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  /** @type {number | null} */
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { code, output };
}

/** @template Item @param {readonly Item[]} items @param {(item: Item) => Promise<unknown>} work */
async function inParallel(items, work) {
  const next = items.values();
  const worker = async () => {
    for (const item of next) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
}
