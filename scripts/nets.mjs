// `npm run nets [-- WORDS]`: proves that every mend has a test that notices when it is taken out again. The edits of each net of test/nets/
// are made in a copy of the sources, and the named test must fail there. With words, only the nets of these cases or files:
// `npm run nets -- A4 store`. The last line names the cases that have no net.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { onPinnedNode } from './pinned-node.mjs';
import { root } from './run.mjs';
import { forEachTrial, Trials } from './trials.mjs';

/** @typedef {import('../test/nets/net.js').Net} Net */
/** @typedef {Net & { readonly table: string }} Row */

/** How many cases each part of the list has. */
const casesOf = { A: 12, B: 8, C: 26, D: 11, E: 17 };

await onPinnedNode(import.meta.url);
// Some tests run what was built.
await build();
const words = process.argv.slice(2);
const all = await allNets();
const rows = all.filter(
  ({ table, cases }) => words.length === 0 || words.some((word) => [table, ...cases].includes(word)),
);
const trials = new Trials('nets');
const ready = rows.map((row) => ({ ...row, trial: trialOf(row) }));
const useless = await trials.uselessAmong(ready.map(({ trial }) => trial));
let missed = 0;
await forEachTrial(ready, async (row) => {
  const reason = useless.get(row.trial);
  const { caught, how } = reason === undefined ? await trials.run(row.trial) : { caught: false, how: reason };
  if (!caught) missed += 1;
  console.log(
    `${caught ? 'caught    ' : 'NOT CAUGHT'}  ${row.cases.join(' ').padEnd(8)}  without ${row.without} → ${how}`,
  );
});
console.log(`${rows.length} nets: ${rows.length - missed} caught, ${missed} not caught`);
console.log(`cases without a net: ${casesWithoutNet().join(' ') || 'none'}`);
process.exitCode = missed > 0 || rows.length === 0 ? 1 : 0;

/** @returns {Promise<Row[]>} */
async function allNets() {
  const folder = join(root, 'test/nets');
  const rows = [];
  for (const file of readdirSync(folder).sort()) {
    /** @type {{ nets?: readonly Net[] }} */
    const { nets = [] } = await import(join(folder, file));
    rows.push(...nets.map((net) => ({ ...net, table: basename(file, '.ts') })));
  }
  return rows;
}

/** @param {Row} row @returns {import('./trials.mjs').Trial} */
function trialOf({ edits, test, title }) {
  return { edits, test, title, caughtBy: 'the test' };
}

function casesWithoutNet() {
  const caught = new Set(all.flatMap(({ cases }) => cases));
  const cases = Object.entries(casesOf).flatMap(([part, count]) =>
    Array.from({ length: count }, (_, nth) => `${part}${nth + 1}`),
  );
  return cases.filter((each) => !caught.has(each));
}
