/**
 * Whether a running guest's file systems are held still for the moment of a snapshot. `try`: if the driver and the guest can; `require`:
 * or there is no snapshot.
 */
export type QuiesceWish = 'never' | 'try' | 'require';

/** How long a guest may take to stop by itself, and how often it is asked, in milliseconds. */
type StopParameters = { readonly gracePeriodMs?: number; readonly retryIntervalMs?: number };

/** What the actions are accepted with that take more than an instance. Plain data, enough to do them again. */
export type RescueParameters = StopParameters & {
  readonly imageId?: string;
  /** The password itself stands nowhere. */
  readonly password?: 'given';
};

export type RebuildParameters = { readonly imageId: string };

export type SnapshotParameters = {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly quiesce: QuiesceWish;
};

export type BackupParameters = SnapshotParameters & { readonly backupType: string; readonly rotation: number };
