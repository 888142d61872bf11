/**
 * Proves a store against the contract in `@virtkit/core/store`. Start with {@link storeConformance}.
 *
 * @packageDocumentation
 */
export { storeConformance } from './store-conformance.js';
export type { StoreEnvironment, StoreTroubleName, StoreTroubles, StoreUnderTest } from './store-under-test.js';
export { unprovenStoreRules } from './unproven-store-rules.js';

export { sampleRecords } from './sample-records.js';
export type { SampleRecords } from './sample-records.js';

export { failuresOf } from '../suite/failures-of.js';
export type { TestFailure } from '../suite/failures-of.js';
export type { UnprovenRule } from '../suite/applicable-rules.js';
export type { TestRunner } from '../suite/test-runner.js';
export type { Unprovable } from '../suite/troubles.js';
