// `npm run novas-way [-- WORDS]`: proves that the tests of Nova's weaknesses can fail. For every change of
// packages/core/test/nova-weaknesses/novas-way/ that makes our sources do as Nova does, one is made in a copy of the sources, and the test
// of that weakness must fail there, or, where the compiler is what keeps us from it, the test must no longer compile. With words, only the
// weaknesses whose title begins with one of them: `npm run novas-way -- 7. 12.`
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { onPinnedNode } from './pinned-node.mjs';
import { root } from './run.mjs';
import { forEachTrial, Trials } from './trials.mjs';

/** @typedef {import('../packages/core/test/nova-weaknesses/novas-way/way.js').WaysTable} WaysTable */
/** @typedef {import('../packages/core/test/nova-weaknesses/novas-way/way.js').Weakness} Weakness */
/** @typedef {Weakness & Pick<WaysTable, 'test'>} Row */
/** @typedef {import('./trials.mjs').Verdict} Verdict */

await onPinnedNode(import.meta.url);
const words = process.argv.slice(2);
const rows = (await allRows()).filter(
  ({ title }) => words.length === 0 || words.some((word) => title.startsWith(word)),
);
const trials = new Trials('novas-way');
const [useless] = (await trials.uselessAmong(rows.flatMap(trialsOf))).values();
if (useless !== undefined) throw new Error(useless);
/** @type {Verdict[]} */
const verdicts = [];
await forEachTrial(rows, async (row) => verdicts.push(...(await tryRow(row))));
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

/** @param {Row} row */
function trialsOf({ test, title, ways }) {
  return ways.map(({ edits, caughtBy }) => ({ test, title, edits, caughtBy }));
}

/** Tries all ways of a weakness, one after the other, and prints what came of them. @param {Row} row @returns {Promise<Verdict[]>} */
async function tryRow(row) {
  /** @type {Verdict[]} */
  const verdicts = [];
  for (const trial of trialsOf(row)) verdicts.push(await trials.run(trial));
  const said = row.ways.map(({ nova }, nth) => `            ${nova}\n              → ${verdicts[nth]?.how}`);
  console.log(
    [`${verdicts.every(({ caught }) => caught) ? 'caught    ' : 'NOT CAUGHT'}  ${row.title}`, ...said].join('\n'),
  );
  return verdicts;
}
