import { entity, type ContextRef, type InstanceRef } from '@virtkit/decorators';
import { idleServices } from './decorators/idle-services.js';
import * as legacySource from './decorators/operations.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved, type Contestant } from './measure/interleaved.js';
import { ratioOf, spreadOf } from './measure/spread.js';
import { Nova } from './peer/nova.js';
import { handIn } from './report/hand-in.js';

/** Measured once on a machine like ours, for when Nova is not installed. */
const NOVA_RECORDED_US = 9.1;
const GOAL_US = 2;
const calls = 50_000;

const context: ContextRef = { [entity]: 'context', requestId: 'req-1' };
const instance: InstanceRef = { [entity]: 'instance', uuid: 'b1d1c6b4-1c55-4b1f-9d7c-5d4fbd3a6f0a' };

async function main(): Promise<void> {
  const nova = await Nova.start();
  try {
    const contestants = [...(await ours()), ...(typeof nova === 'string' ? [] : novas(nova))];
    const samples = await interleaved(contestants, { rounds: 21, warmUpRounds: 5 });
    const medianUs = (name: string): number => spreadOf(samples.get(name) ?? []).median;
    const added = [names.legacy, names.standard].map((name) => medianUs(name) - medianUs(names.bare));
    handIn({
      name: 'decorators',
      question:
        'What wrapException, revertsTaskState, wrapInstanceEvent and wrapInstanceFault cost on an empty method.',
      tables: [
        {
          title: 'Microseconds of CPU a call',
          columns: ['', 'µs', 'of Nova'],
          rows: [...samples].map(([name, values]) => [
            name,
            spreadFigure(spreadOf(values)),
            spreadFigure(ratioOf(values, samples.get(names.nova) ?? values.map(() => NOVA_RECORDED_US))),
          ]),
        },
      ],
      goals: added.map((addedUs, at) => ({
        goal: `${at === 0 ? 'experimentalDecorators' : 'standard decorators'}: less than ${GOAL_US} µs over the bare method`,
        measured: `${figure(addedUs)} µs`,
        verdict: addedUs < GOAL_US ? ('met' as const) : ('missed' as const),
      })),
      notes: [
        'CPU time of the process, garbage collection included: it does not count what other processes take meanwhile.',
        'The recorders do nothing. Where they answer with a promise, the decorators also guard it with a time limit, twice a call.',
        ...(typeof nova === 'string' ? [`${nova} Its recorded ${NOVA_RECORDED_US} µs are the reference.`] : []),
      ],
    });
  } finally {
    if (typeof nova !== 'string') await nova[Symbol.asyncDispose]();
  }
}

const names = {
  bare: 'bare method',
  legacy: 'four decorators, experimentalDecorators',
  standard: 'four decorators, standard',
  asynchronous: 'four decorators, experimentalDecorators, recorders that answer with a promise',
  nova: "Nova's four decorators",
};

async function ours(): Promise<Contestant<number>[]> {
  const standard = (await import(
    new URL('standard/decorators/operations.js', import.meta.url).href
  )) as typeof legacySource;
  const idle = idleServices(() => undefined);
  const [legacy, modern] = [new legacySource.Operations(idle), new standard.Operations(idle)];
  const asynchronous = new legacySource.Operations(idleServices(() => Promise.resolve()));
  return [
    { name: names.bare, round: () => microsecondsPerCall(() => legacy.bare(context, instance)) },
    { name: names.legacy, round: () => microsecondsPerCall(() => legacy.decorated(context, instance)) },
    { name: names.standard, round: () => microsecondsPerCall(() => modern.decorated(context, instance)) },
    { name: names.asynchronous, round: () => microsecondsPerCall(() => asynchronous.decorated(context, instance)) },
  ];
}

function novas(nova: Nova): Contestant<number>[] {
  return [
    { name: "Nova's bare method", round: async () => (await nova.decorators({ calls: 5_000 })).bareUs },
    { name: names.nova, round: async () => (await nova.decorators({ calls: 5_000 })).decoratedUs },
  ];
}

async function microsecondsPerCall(call: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let nth = 0; nth < calls; nth++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

await main();
