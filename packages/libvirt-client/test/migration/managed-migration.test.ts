import { describe, expect, it } from 'vitest';
import { DomainMigrateFlags, MigrationError } from '../../src/index.js';
import { ManagedMigration } from '../../src/migration/managed-migration.js';
import type { MigrationPlan } from '../../src/migration/migration-plan.js';
import { faults, ScriptedEnds, steps, type Script, type Step } from './scripted-ends.js';

const { VIR_MIGRATE_LIVE, VIR_MIGRATE_OFFLINE, VIR_MIGRATE_POSTCOPY } = DomainMigrateFlags;

function run(ends: ScriptedEnds, more: Partial<MigrationPlan> = {}) {
  const plan: MigrationPlan = {
    ...{ domain: ends.domain, destinationName: 'guest', flags: VIR_MIGRATE_LIVE, params: [] },
    ...{ signal: new AbortController().signal, stepTimeoutMs: 5, settleTimeoutMs: 20 },
    ...{ pollIntervalMs: 1, progressIntervalMs: 1 },
    ...more,
  };
  return new ManagedMigration(ends.source, ends.destination, plan).run();
}

async function failureOf(migration: Promise<unknown>): Promise<MigrationError> {
  const error = await migration.catch((reason: unknown) => reason);
  if (!(error instanceof MigrationError)) throw new Error('it has not failed', { cause: error });
  return error;
}

const sides = {
  ...{ begin: 'source', prepare: 'destination', perform: 'source', finish: 'destination', confirm: 'source' },
} as const;

describe('a managed migration', () => {
  it('takes the five steps and hands the cookies over', async () => {
    const ends = new ScriptedEnds();
    expect(await run(ends)).toEqual({ ...ends.domain, id: 1 });
    expect(ends.calls).toEqual(['begin 257', 'prepare 1', 'perform null 257', 'finish 0', 'confirm 0']);
    expect(ends.cookies).toEqual(['from begin', 'from prepare', 'from perform', 'from finish']);
    expect(ends.guest).toEqual({ source: 'gone', destination: 'running' });
    const [begin, prepare, perform, finish] = ends.params;
    expect(begin).toEqual([]);
    expect(prepare).toEqual([{ field: 'destination_xml', type: 'string', value: '<made-by-begin/>' }]);
    expect(perform).toContainEqual({ field: 'migrate_uri', type: 'string', value: 'tcp://there' });
    expect(finish).toContainEqual({ field: 'destination_name', type: 'string', value: 'guest' });
  });

  it('sends nothing offline, and no cookie to the end that it came from', async () => {
    const ends = new ScriptedEnds();
    await run(ends, { flags: VIR_MIGRATE_OFFLINE });
    expect(ends.calls).toEqual(['begin 1280', 'prepare 1024', 'finish 0', 'confirm 0']);
    expect(ends.cookies).toEqual(['from begin', '', 'from finish']);
  });

  it('keeps a paused guest paused', async () => {
    const ends = new ScriptedEnds();
    const source = { ...ends.source, getState: () => Promise.resolve({ state: 3, reason: 1 }) };
    const plan = { flags: VIR_MIGRATE_LIVE, domain: ends.domain, destinationName: 'guest', params: [] };
    const times = { stepTimeoutMs: 5, settleTimeoutMs: 5, pollIntervalMs: 1, progressIntervalMs: 1 };
    const { signal } = new AbortController();
    await new ManagedMigration(source, ends.destination, { ...plan, ...times, signal }).run();
    expect(ends.calls).toContain(`prepare ${VIR_MIGRATE_LIVE | DomainMigrateFlags.VIR_MIGRATE_PAUSED}`);
  });

  it('goes back as the C library does when a step is refused', async () => {
    const undone: Record<Step, readonly string[]> = {
      ...{ begin: [], prepare: ['confirm 1'], perform: ['finish 1'] },
      ...{ finish: ['hang up destination', 'confirm 1'], confirm: [] },
    };
    for (const step of steps) {
      const ends = new ScriptedEnds({ step, fault: 'refused' });
      const error = await failureOf(run(ends));
      expect(error).toMatchObject({ phase: step, side: sides[step], how: 'refused' });
      const at = ends.calls.findIndex((call) => call.startsWith(step));
      expect(ends.calls.slice(at + 1), step).toEqual(undone[step]);
    }
  });

  const matrix = steps.flatMap((step) => faults.map((fault) => ({ step, fault })));

  it.each(matrix)('knows where the guest is when $step is $fault, and runs it once', async ({ step, fault }) => {
    const ends = new ScriptedEnds({ step, fault });
    const outcome = await run(ends).then(
      () => 'destination' as const,
      (reason: unknown) => {
        if (!(reason instanceof MigrationError)) throw reason;
        expect(reason).toMatchObject({ phase: step, side: sides[step] });
        expect(reason.message).toContain(`${step} at the ${sides[step]}`);
        return reason.guest;
      },
    );
    expect(ends.running).toBe(1);
    expect(ends.guest[outcome as 'source' | 'destination']).toBe('running');
    if (outcome === 'source') expect(ends.guest.destination).toBe('gone');
  });

  const hostDies = (['source', 'destination'] as const).flatMap((unreachable) =>
    matrix.map(({ step, fault }) => ({ step, fault, unreachable })),
  );

  it.each(hostDies)(
    'claims no more than it can know when $step is $fault and the $unreachable cannot be asked',
    async ({ step, fault, unreachable }) => {
      const ends = new ScriptedEnds({ step, fault, unreachable });
      const place = await run(ends).then(
        () => 'destination' as const,
        (reason: MigrationError) => reason.guest,
      );
      expect(ends.running).toBeLessThanOrEqual(1);
      if (place === 'unknown') return;
      expect(place).not.toBe('nowhere');
      expect(ends.guest[place as 'source' | 'destination']).not.toBe('gone');
      expect(ends.guest[place === 'source' ? 'destination' : 'source']).not.toBe('running');
    },
  );

  it('leaves the guest paused rather than run twice when nobody can say whether the destination runs it', async () => {
    const ends = new ScriptedEnds({ step: 'finish', fault: 'lost after', unreachable: 'destination' });
    const error = await failureOf(run(ends));
    expect(error).toMatchObject({ phase: 'finish', how: 'lost', guest: 'unknown', destination: { kind: 'unseen' } });
    expect(ends.calls).not.toContain('confirm 1');
    expect(ends.guest.source).toBe('waiting');
  });

  it('is done when the answer to finish is lost and the destination turns out to run the guest', async () => {
    const ends = new ScriptedEnds({ step: 'finish', fault: 'lost after' });
    expect(await run(ends)).toEqual({ ...ends.domain, id: -1 });
    expect(ends.calls.at(-1)).toBe('confirm 0');
  });

  it('goes back when the guest that the destination was seen to run is just being removed', async () => {
    const ends = new ScriptedEnds({ step: 'finish', fault: 'lost after', removes: 'late' });
    expect(await failureOf(run(ends))).toMatchObject({ phase: 'finish', how: 'lost', guest: 'source' });
    expect(ends.calls.slice(-2)).toEqual(['outlast jobs', 'confirm 1']);
    expect(ends.guest).toEqual({ source: 'running', destination: 'gone' });
  });

  it.each(steps)('goes back when it is aborted during %s, unless it is too late', async (step) => {
    const abort = new AbortController();
    const before = (next: Step): void => (next === step ? abort.abort(new Error('enough')) : undefined);
    const ends = new ScriptedEnds({ before });
    const migration = run(ends, { signal: abort.signal });
    if (step === 'finish' || step === 'confirm') {
      await migration;
      expect(ends.guest).toEqual({ source: 'gone', destination: 'running' });
      return;
    }
    const error = await failureOf(migration);
    expect(error).toMatchObject({ phase: step, how: 'aborted', guest: 'source', cause: { message: 'enough' } });
    expect(ends.guest).toEqual({ source: 'running', destination: 'gone' });
  });

  it('begins nothing when it is aborted before', async () => {
    const ends = new ScriptedEnds();
    const error = await failureOf(run(ends, { signal: AbortSignal.abort(new Error('enough')) }));
    expect(error).toMatchObject({ phase: 'begin', how: 'aborted', guest: 'source', undone: [] });
    expect(ends.calls).toEqual([]);
  });

  const abortedWhileSending: readonly (Pick<Script, 'abortJob'> & { readonly calls: readonly string[] })[] = [
    { calls: ['abortJob', 'finish 1'] },
    // It neither stops nor answers: without its connection it must stop.
    { abortJob: 'ignored', calls: ['abortJob', 'hang up source', 'finish 1'] },
  ];

  it.each(abortedWhileSending)('stops the source that sends: $calls', async ({ calls, ...more }) => {
    const abort = new AbortController();
    const before = (next: Step): void => (next === 'perform' ? abort.abort(new Error('enough')) : undefined);
    const ends = new ScriptedEnds({ endless: 'yes', before, ...more });
    const error = await failureOf(run(ends, { signal: abort.signal }));
    expect(error).toMatchObject({ phase: 'perform', how: 'aborted', guest: 'source' });
    expect(ends.calls.slice(3)).toEqual(calls);
    expect(ends.guest).toEqual({ source: 'running', destination: 'gone' });
  });

  it('asks again when the source refuses to stop, and hangs up in the end', async () => {
    const abort = new AbortController();
    const before = (next: Step): void => (next === 'perform' ? abort.abort(new Error('enough')) : undefined);
    const ends = new ScriptedEnds({ endless: 'yes', before, abortJob: 'refused' });
    const error = await failureOf(run(ends, { signal: abort.signal, stepTimeoutMs: 30 }));
    expect(error.undone[0]).toMatchObject({ step: 'abort job', how: 'refused' });
    expect(ends.calls.filter((call) => call === 'abortJob').length).toBeGreaterThan(1);
    expect(ends.guest).toEqual({ source: 'running', destination: 'gone' });
  });

  it('stops sending when the destination is lost', async () => {
    const ends = new ScriptedEnds({ endless: 'yes' });
    const lost = new AbortController();
    const destination = { ...ends.destination, lost: lost.signal };
    const plan = { flags: VIR_MIGRATE_LIVE, domain: ends.domain, destinationName: 'guest', params: [] };
    const times = { stepTimeoutMs: 5, settleTimeoutMs: 5, pollIntervalMs: 1, progressIntervalMs: 1 };
    const { signal } = new AbortController();
    const moving = new ManagedMigration(ends.source, destination, { ...plan, ...times, signal }).run();
    lost.abort(new Error('the destination is gone'));
    const error = await failureOf(moving);
    expect(error).toMatchObject({ phase: 'perform', side: 'destination', how: 'lost', guest: 'source' });
    expect(error.cause).toEqual(new Error('the destination is gone'));
  });

  it('never cancels a destination to which the source has switched in post-copy', async () => {
    const ends = new ScriptedEnds({ step: 'perform', fault: 'lost after' });
    const postCopy = { kind: 'present', state: 3, reason: 12 } as const;
    const source = { ...ends.source, look: () => Promise.resolve(postCopy) };
    const destination = {
      ...ends.destination,
      look: () => Promise.resolve({ kind: 'present', state: 1, reason: 10 } as const),
    };
    const flags = VIR_MIGRATE_LIVE | VIR_MIGRATE_POSTCOPY;
    const plan = { flags, domain: ends.domain, destinationName: 'guest', params: [] };
    const times = { stepTimeoutMs: 5, settleTimeoutMs: 5, pollIntervalMs: 1, progressIntervalMs: 1 };
    const { signal } = new AbortController();
    const error = await failureOf(new ManagedMigration(source, destination, { ...plan, ...times, signal }).run());
    expect(error).toMatchObject({ phase: 'perform', how: 'lost', guest: 'destination', undone: [] });
    expect(ends.calls).not.toContain('finish 1');
  });
});
