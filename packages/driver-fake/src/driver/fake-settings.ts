import type { FakeConfiguration } from './fake-configuration.js';

/** The configuration with every default in its place. */
export interface FakeSettings {
  readonly latencyMs: number;
  readonly vifPluggingTimeoutMs: number;
  readonly vifPluggingIsFatal: boolean;
  readonly softRebootTimeoutMs: number;
  readonly detachTimeoutMs: number;
  readonly imageCacheAgeMinMs: number;
  readonly undoTimeoutMs: number;
}

export function fakeSettings(configuration: FakeConfiguration): FakeSettings {
  return {
    latencyMs: configuration.latencyMs ?? 0,
    vifPluggingTimeoutMs: configuration.vifPluggingTimeoutMs ?? 300_000,
    vifPluggingIsFatal: configuration.vifPluggingIsFatal ?? true,
    softRebootTimeoutMs: configuration.softRebootTimeoutMs ?? 120_000,
    detachTimeoutMs: configuration.detachTimeoutMs ?? 20_000,
    imageCacheAgeMinMs: configuration.imageCacheAgeMinMs ?? 86_400_000,
    undoTimeoutMs: configuration.undoTimeoutMs ?? 30_000,
  };
}
