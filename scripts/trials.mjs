// Proves that tests can fail: makes edits in a copy of the sources and runs one test there, or the compiler. `nets.mjs` and `novas-way.mjs`
// are tables over this.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { scratchCopy } from './scratch-copy.mjs';

/** @typedef {import('../test/nets/net.js').Edit} Edit */
/** @typedef {{ readonly caught: boolean, readonly how: string }} Verdict */
/** @typedef {{ readonly edits: readonly Edit[], readonly test: string, readonly title: string, readonly caughtBy: 'the test' | 'the compiler' }} Trial */
/** @typedef {{ readonly title: string, readonly status: string, readonly said: string }} Result */

/** A trial that takes longer says nothing, and so catches nothing. On an idle machine none takes a tenth of it. */
const TRIAL_MS_MAX = 300_000;

/** Tests on real daemons run one at a time, as in vitest.config.ts. */
const isReal = (/** @type {string} */ test) => test.endsWith('.real.test.ts');

/** All trials of a run. They start from the sources as they were when the run began, and are removed when the process ends. */
export class Trials {
  #scratch;
  #unchanged;

  /** @param {string} name of the command */
  constructor(name) {
    this.#scratch = mkdtempSync(join(tmpdir(), `virtkit-${name}-`));
    this.#unchanged = join(this.#scratch, 'unchanged');
    process.once('exit', () => rmSync(this.#scratch, { recursive: true, force: true, maxRetries: 3 }));
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
    scratchCopy(this.#unchanged);
  }

  /**
   * Runs every test without an edit: where one fails anyway, its failure after an edit would say nothing.
   *
   * @param {readonly Trial[]} trials
   * @returns {Promise<ReadonlyMap<Trial, string>>} the trials that say nothing, and why
   */
  async uselessAmong(trials) {
    /** @type {Map<Trial, string>} */
    const useless = new Map();
    for (const [test, ofTest] of Map.groupBy(trials, (trial) => trial.test)) {
      const { results, said } = await runTests(this.#unchanged, test, [...new Set(ofTest.map(({ title }) => title))]);
      const needsCompiler = ofTest.some(({ caughtBy }) => caughtBy === 'the compiler');
      const { compiles, said: errors } = needsCompiler
        ? await compile(this.#unchanged, test)
        : { compiles: true, said: '' };
      for (const trial of ofTest) {
        const named = results.filter((result) => isNamed(result.title, trial.title));
        const failed = named.find(({ status }) => status !== 'passed');
        if (failed) useless.set(trial, `without an edit the test fails too: ${firstLine(failed.said)}`);
        else if (named.length === 0) useless.set(trial, `${test} has no test "${trial.title}" ${firstLine(said)}`);
        else if (!compiles) useless.set(trial, `${test} does not compile without an edit: ${errors}`);
      }
    }
    return useless;
  }

  /** Makes the edits in a copy and says whether the test, or the compiler, notices. @param {Trial} trial @returns {Promise<Verdict>} */
  async run({ edits, test, title, caughtBy }) {
    const folder = mkdtempSync(join(this.#scratch, 'trial-'));
    try {
      cpSync(this.#unchanged, folder, { recursive: true, verbatimSymlinks: true });
      for (const edit of edits) apply(edit, folder);
      if (caughtBy === 'the compiler') {
        const { compiles, said } = await compile(folder, test);
        return { caught: !compiles, how: compiles ? 'NOT CAUGHT: it compiles' : said };
      }
      const { results, said } = await runTests(folder, test, [title]);
      const failed = results.find(({ status }) => status === 'failed');
      if (failed) return { caught: true, how: firstLine(failed.said) };
      return {
        caught: false,
        how: `NOT CAUGHT: ${results.length > 0 ? 'the test has passed' : `no test has run: ${said}`}`,
      };
    } catch (failure) {
      return { caught: false, how: `NOT CAUGHT: ${String(failure)}` };
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

/**
 * Does the work for every item: two at a time, and those whose tests use real daemons one at a time after the others.
 *
 * @template {{ readonly test: string }} Item
 * @param {readonly Item[]} items
 * @param {(item: Item) => Promise<unknown>} work
 */
export async function forEachTrial(items, work) {
  const pure = items.filter(({ test }) => !isReal(test)).values();
  const worker = async () => {
    for (const item of pure) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  for (const item of items.filter(({ test }) => isReal(test))) await work(item);
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
 * Runs the tests with these titles of one file.
 *
 * @param {string} folder
 * @param {string} test
 * @param {readonly string[]} titles
 * @returns {Promise<{ results: readonly Result[], said: string }>}
 */
async function runTests(folder, test, titles) {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  // Vitest puts ` > ` between the names of a full title, and the report a space.
  const pattern = titles.map((title) => title.replace(/[^a-z0-9 ]/gi, '\\$&').replaceAll(' ', '( > | )')).join('|');
  const { code, output: said } = await outputOf(folder, 'vitest', [
    'run',
    test,
    ...(isReal(test) ? ['--project=real'] : ['--project=pure', '--project=long']),
    '--testNamePattern',
    `(^| )(${pattern})$`,
    '--reporter=json',
    `--outputFile=${report}`,
  ]);
  if (code === null || !existsSync(report)) return { results: [], said };
  /** @type {{ testResults: { message: string, assertionResults: { fullName: string, status: string, failureMessages: string[] }[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    results: results
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status, failureMessages }) => ({ title: fullName, status, said: failureMessages[0] ?? '' })),
    said: testResults.map(({ message }) => message).join('\n') || said,
  };
}

/** A title may leave out the names of the describes. @param {string} fullName @param {string} title */
function isNamed(fullName, title) {
  return fullName === title || fullName.endsWith(` ${title}`);
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
