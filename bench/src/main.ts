import { fork } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { datedAsMarkdown } from './report/as-markdown.js';
import { describeMachine } from './report/machine.js';
import type { DatedReport, Report } from './report/report.js';
import { costPlot } from './report/cost-plot.js';
import { speedPlot } from './report/speed-plot.js';

// `npm run bench [-- NAME …] [--write]`: runs each benchmark in a process of its own, prints what it found and keeps it in
// reports/. With --write, RESULTS.md becomes what reports/ holds, and the plots that READMEs show are drawn from it.

const home = new URL('../', import.meta.url);
const reports = new URL('reports/', home);
const suffix = '.bench.js';
const plots: readonly Plot[] = [
  { name: 'libvirt-calls', path: '../packages/libvirt-client/docs/calls.svg', draw: speedPlot },
  { name: 'host-scale', path: 'plots/host-scale.svg', draw: (dated) => costPlot(dated, 'Microseconds an instance') },
];
const known = readdirSync(new URL('dist/', home))
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length));

/** A picture that a README shows, drawn from a report. */
interface Plot {
  readonly name: string;
  readonly path: string;
  readonly draw: (dated: DatedReport) => string;
}

async function main(args: readonly string[]): Promise<void> {
  const names = args.filter((arg) => arg !== '--write');
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}, and the flag --write.`);
    process.exitCode = 2;
    return;
  }
  mkdirSync(reports, { recursive: true });
  for (const name of names.length > 0 ? names : known) await runOne(name);
  if (args.includes('--write')) writeDown();
}

async function runOne(name: string): Promise<void> {
  console.log(`Running ${name} ...`);
  const measuredAt = new Date().toISOString().slice(0, 10);
  const machine = describeMachine();
  const report = await reportOf(name);
  if (!report) {
    console.error(`${name} ended without a result.\n`);
    process.exitCode = 1;
    return;
  }
  const dated: DatedReport = { report, measuredAt, machine };
  writeFileSync(new URL(`${name}.json`, reports), `${JSON.stringify(dated, null, 2)}\n`);
  writeFileSync(new URL(`${name}.md`, reports), datedAsMarkdown(dated));
  console.log(`\n${datedAsMarkdown(dated)}`);
}

/** A process of its own, so that no benchmark finds what another has compiled, allocated or left behind. */
function reportOf(name: string): Promise<Report | undefined> {
  const child = fork(fileURLToPath(new URL(`dist/${name}${suffix}`, home)), { execArgv: ['--expose-gc'] });
  return new Promise((resolve, reject) => {
    let report: Report | undefined;
    child
      .once('message', (message) => {
        report = message as Report;
      })
      .once('error', reject)
      .once('close', (code) => resolve(code === 0 ? report : undefined));
  });
}

function writeDown(): void {
  const measured = readdirSync(reports)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(new URL(file, reports), 'utf8')) as DatedReport);
  writeFileSync(new URL('RESULTS.md', home), allResults(measured));
  for (const { name, path, draw } of plots) {
    const dated = measured.find(({ report }) => report.name === name);
    if (dated) writeFileSync(new URL(path, home), draw(dated));
  }
}

function allResults(measured: readonly DatedReport[]): string {
  const head =
    '# Results\n\nWritten by `npm run bench -- --write`. [README.md](README.md) says what the rows mean and how to read them: ' +
    'the ratios, not the figures.\n';
  return [head, ...measured.map(datedAsMarkdown)].join('\n');
}

await main(process.argv.slice(2));
