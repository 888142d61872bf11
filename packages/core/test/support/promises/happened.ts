import type { ComputeStore } from '@virtkit/core';
import type { FakeHypervisor } from '@virtkit/driver-fake';
import type { MemoryProviders } from '../memory-providers.js';

/** What has happened to an instance, as records, hosts, providers and logs tell it: the same view for every test, however the operation ended. */
export interface Happened {
  readonly store: ComputeStore;
  readonly instanceUuid: string;
  /** The operation that the test is about; left out when its request was refused. */
  readonly actionUuid: string | undefined;
  readonly logLines: readonly string[];
  /** Whether what was planned carried words of a host, so that an operator must find them. */
  readonly planted: 'canaries' | 'nothing';
  /** Writes that the store was planned to lose for good: their records may be missing, but not without a word in the log. */
  readonly lostWrites: 'some' | 'none';
  /** What the API answers to the instance's tenant, where a manager of this process can be asked. */
  readonly readable?: () => Promise<unknown>;
  /** The hypervisor of the host where the instance is. */
  readonly hypervisor?: FakeHypervisor;
  readonly providers?: Pick<MemoryProviders, 'networks' | 'volumes'>;
  /** Kept by who killed managers: what had been told to anybody, and what there was before. */
  readonly death?: { readonly check: (claim: (holds: boolean, promise: string) => void) => Promise<void> };
  /** Known to who has several hosts: what each holds. */
  readonly places?: { readonly check: (claim: (holds: boolean, promise: string) => void) => Promise<void> };
}

/** What a test may be unable to look at. */
export type Part = 'hypervisor' | 'providers' | 'death' | 'places';
