/** What may take a day may take a minute here, in milliseconds: whoever waits for it renews a lease all the while. */
export const shortDeadlinesMs = {
  liveMigration: 60_000,
  migrateDiskAndPowerOff: 60_000,
  finishMigration: 60_000,
  finishRevertMigration: 60_000,
  preLiveMigration: 60_000,
  spawn: 60_000,
} as const;
