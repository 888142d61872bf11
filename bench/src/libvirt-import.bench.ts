import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { unraidModule } from './clients/built-peers.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved } from './measure/interleaved.js';
import { spreadOf } from './measure/spread.js';
import { handIn } from './report/hand-in.js';
import type { Table } from './report/report.js';

const rounds = 15;

/** What a fresh Node.js pays for a module. */
interface Cost {
  readonly milliseconds: number;
  readonly heapKib: number;
  readonly residentKib: number;
}

const names = { ours: '@virtkit/libvirt-client', unraid: '@unraid/libvirt' };

/** Runs in the fresh process: heap and memory are what they have grown by, after collecting what was only needed once. */
const program = `
const collected = () => { gc(); return process.memoryUsage(); };
const before = collected();
const begun = performance.now();
await import(process.argv[1]);
const milliseconds = performance.now() - begun;
const after = collected();
const heapKib = (after.heapUsed - before.heapUsed) / 1024, residentKib = (after.rss - before.rss) / 1024;
console.log(JSON.stringify({ milliseconds, heapKib, residentKib }));
process.exit();
`;

async function main(): Promise<void> {
  const unraid = await unraidModule();
  const modules: [string, string][] = [[names.ours, import.meta.resolve(names.ours)]];
  if ('program' in unraid) modules.push([names.unraid, unraid.program]);
  const contestants = modules.map(([name, module]) => ({ name, round: () => costOf(module) }));
  const samples = await interleaved(contestants, { rounds });
  handIn({
    name: 'libvirt-import',
    question: 'What importing a libvirt client costs a fresh Node.js that has done nothing else.',
    tables: [table(samples)],
    goals: [],
    notes: [
      ...('missing' in unraid ? [`${names.unraid} is missing here: ${unraid.missing}`] : []),
      'The files are in the cache of the operating system. A native library is in resident memory, not in the heap.',
    ],
  });
}

async function costOf(module: string): Promise<Cost> {
  const args = ['--expose-gc', '--input-type=module', '--eval', program, module];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Cost;
}

function table(samples: ReadonlyMap<string, readonly Cost[]>): Table {
  return {
    title: 'One import',
    columns: ['', 'ms', 'heap KiB', 'resident KiB'],
    rows: [...samples].map(([name, costs]) => [
      name,
      spreadFigure(spreadOf(costs.map(({ milliseconds }) => milliseconds))),
      figure(spreadOf(costs.map(({ heapKib }) => heapKib)).median),
      figure(spreadOf(costs.map(({ residentKib }) => residentKib)).median),
    ]),
  };
}

await main();
