import type { InstanceSpec, LiveMigrationData } from '@virtkit/core/driver';
import type { OtherHost, TestBench } from '../suite/test-bench.js';

export interface LiveMove {
  readonly instance: InstanceSpec;
  readonly other: OtherHost<'liveMigration'>;
  readonly data: LiveMigrationData;
}

/** The checks at both ends, as the manager makes them, without their cleaning up. */
export async function checked(bench: TestBench<'liveMigration'>): Promise<LiveMove> {
  const other = await bench.otherHost();
  const instance = await bench.spawned();
  const request = { sourceHost: bench.environment.host, disks: 'whatever-fits' } as const;
  const data = await other.driver.checkCanLiveMigrateDestination({ instance, ...request });
  return { instance, other, data: await bench.driver.checkCanLiveMigrateSource({ instance, data }) };
}

/** A running guest whose destination is ready. */
export async function readyToMove(bench: TestBench<'liveMigration'>): Promise<LiveMove> {
  const { instance, other, data } = await checked(bench);
  await other.driver.cleanupLiveMigrationDestinationCheck({ instance, data });
  return { instance, other, data: await other.driver.preLiveMigration({ instance, data }) };
}

export interface MoveUnderWay extends LiveMove {
  /** Settles with the call of `liveMigration`: with what it rejects with, or `undefined`. */
  readonly failure: Promise<unknown>;
}

/** A live migration that goes on until it is told to end, and has told of its progress. */
export async function moveUnderWay(
  bench: TestBench<'liveMigration'>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<MoveUnderWay> {
  const move = await readyToMove(bench);
  await bench.busyGuest(move.instance);
  let failure: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const moving = bench.driver.liveMigration(
      { instance: move.instance, data: move.data },
      { ...options, onProgress: () => resolve() },
    );
    failure = moving.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    void failure.then(() => reject(new Error('It ended before it told of any progress.')));
  });
  return { ...move, failure };
}
