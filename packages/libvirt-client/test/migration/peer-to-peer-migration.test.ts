import { describe, expect, it } from 'vitest';
import { DomainMigrateFlags, MigrationError, type Sighting } from '../../src/index.js';
import type { MigrationPlan } from '../../src/migration/migration-plan.js';
import { PeerToPeerMigration } from '../../src/migration/peer-to-peer-migration.js';
import { ScriptedEnds, type Step } from './scripted-ends.js';

const uri = 'qemu+tcp://there/system';
const unseen: Sighting = { kind: 'unseen', error: new Error('not named') };
const running: Sighting = { kind: 'present', state: 1, reason: 1 };
const absent: Sighting = { kind: 'absent' };
const movedAway: Sighting = { kind: 'present', state: 5, reason: 4 };
const sending = { type: 2, parameters: {} } as const;

interface Scene {
  /** What the ends say once the call has ended. Default: what the script's hosts know. */
  readonly source?: Sighting;
  readonly destination?: Sighting;
  readonly job?: { readonly type: number; readonly parameters: Readonly<Record<string, never>> };
  readonly plan?: Partial<MigrationPlan>;
}

function run(ends: ScriptedEnds, { source, destination, job, plan }: Scene = {}): Promise<void> {
  const settings: MigrationPlan = {
    ...{ domain: ends.domain, destinationName: 'guest', flags: DomainMigrateFlags.VIR_MIGRATE_LIVE, params: [] },
    ...{ signal: new AbortController().signal, stepTimeoutMs: 5, settleTimeoutMs: 10 },
    ...{ pollIntervalMs: 1, progressIntervalMs: 1 },
    ...plan,
  };
  const atSource = {
    ...ends.source,
    ...(source && { look: () => Promise.resolve(source) }),
    ...(job && { getJobStats: () => Promise.resolve(job) }),
  };
  const atDestination = destination === undefined ? ends.destination : { look: () => Promise.resolve(destination) };
  return new PeerToPeerMigration(atSource, atDestination, settings).run(uri);
}

async function failureOf(migration: Promise<unknown>): Promise<MigrationError> {
  const error = await migration.catch((reason: unknown) => reason);
  if (!(error instanceof MigrationError)) throw new Error('it has not failed', { cause: error });
  return error;
}

describe('a peer-to-peer migration', () => {
  it('is one call', async () => {
    const ends = new ScriptedEnds();
    await run(ends);
    expect(ends.calls).toEqual([`perform ${uri} 3`]);
    expect(ends.cookies).toEqual(['']);
  });

  it('leaves the undoing to the daemons, and says where the guest is', async () => {
    const ends = new ScriptedEnds({ step: 'perform', fault: 'refused' });
    const error = await failureOf(run(ends));
    expect(error).toMatchObject({ phase: 'perform', side: 'source', how: 'refused', guest: 'source', undone: [] });
    expect(ends.calls).toEqual([`perform ${uri} 3`]);
  });

  it.each([
    { source: running, destination: unseen, guest: 'source' },
    { source: running, destination: absent, guest: 'source' },
    { source: absent, destination: running, guest: 'destination' },
    { source: movedAway, destination: unseen, guest: 'destination' },
    { source: absent, destination: unseen, guest: 'unknown' },
    { source: running, destination: running, guest: 'unknown' },
    { source: absent, destination: absent, guest: 'nowhere' },
  ] as const)('decides from facts: $guest', async ({ guest, ...seen }) => {
    const ends = new ScriptedEnds({ step: 'perform', fault: 'refused' });
    expect(await failureOf(run(ends, seen))).toMatchObject({ guest });
  });

  it('is at the source when the call was not sent, whatever cannot be asked', async () => {
    const ends = new ScriptedEnds({ step: 'perform', fault: 'not sent' });
    const error = await failureOf(run(ends, { source: unseen, destination: unseen }));
    expect(error).toMatchObject({ how: 'not sent', guest: 'source' });
  });

  it('is done when the answer is lost and the guest turns out to have moved', async () => {
    const ends = new ScriptedEnds({ step: 'perform', fault: 'lost before' });
    await run(ends, { source: absent, destination: running });
  });

  it('does not know while the source goes on without it', async () => {
    const ends = new ScriptedEnds({ step: 'perform', fault: 'lost before' });
    const error = await failureOf(run(ends, { job: sending }));
    expect(error).toMatchObject({ how: 'lost', guest: 'unknown', source: { kind: 'present', state: 1 } });
  });

  it('stops the source when it is aborted', async () => {
    const abort = new AbortController();
    const before = (step: Step): void => (step === 'perform' ? abort.abort(new Error('enough')) : undefined);
    const ends = new ScriptedEnds({ endless: 'yes', before });
    const error = await failureOf(run(ends, { plan: { signal: abort.signal } }));
    expect(error).toMatchObject({ how: 'aborted', guest: 'source', cause: { message: 'enough' } });
    expect(error.undone).toEqual([{ step: 'abort job', side: 'source', how: 'done' }]);
  });

  it('asks nobody when it is aborted before', async () => {
    const ends = new ScriptedEnds();
    const signal = AbortSignal.abort(new Error('enough'));
    expect(await failureOf(run(ends, { plan: { signal } }))).toMatchObject({ how: 'aborted', guest: 'source' });
    expect(ends.calls).toEqual([]);
  });

  it('has come through when the abort was too late', async () => {
    const abort = new AbortController();
    const before = (step: Step): void => (step === 'perform' ? abort.abort() : undefined);
    await run(new ScriptedEnds({ before }), { plan: { signal: abort.signal } });
  });
});
