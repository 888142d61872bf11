import { operations, type InstanceAction, type OperationName } from '@virtkit/core';
import { createRequest } from '../support/fake-compute.js';
import { instanceUuid, type Story } from '../support/stories/story.js';
import { crashStories, earlierThan } from './crash-stories.js';
import type { ManagerFleet } from './manager-fleet.js';
import { perform, performed } from './perform.js';
import { bystanderUuid, writeMarks } from './precious.js';

/** An operation in the middle of which managers are killed. */
export interface CrashCase {
  readonly name: string;
  readonly operation: OperationName;
  /** Each has a manager, in a process of its own. */
  readonly hosts: readonly string[];
  readonly storage: 'shared' | 'own';
  readonly guest: 'on one host' | 'looked at elsewhere';
  /** Whose managers die, in turn. */
  readonly victims: readonly (readonly string[])[];
  /** Whether the operation removes the root disk, or makes it anew. */
  readonly rootDisk: 'stays' | 'goes';
  readonly prepare: (fleet: ManagerFleet) => Promise<void>;
  readonly perform: (fleet: ManagerFleet) => Promise<InstanceAction>;
  /** What else is wrong after the recovery, beside what is looked at in every case. */
  readonly problems: (fleet: ManagerFleet, action: InstanceAction | undefined) => Promise<readonly string[]>;
  readonly wayOut: 'repair' | 'delete';
  /** At which of its points managers are killed when there is little time. */
  readonly everyNth: number;
}

/** What every embedder uses. */
const coreNames = [
  'build',
  'terminate',
  'start',
  'stop',
  'softReboot',
  'hardReboot',
  'pause',
  'unpause',
  'suspend',
  'resume',
];

const endsOfDisks: readonly OperationName[] = ['build', 'terminate', 'rebuild', 'shelveOffload', 'unshelve'];

/** Every operation of one host, once or in several situations. */
export const casesOnOneHost: readonly CrashCase[] = crashStories.map(onOneHost);

function onOneHost(story: Story): CrashCase {
  const operation = operationOf(story);
  return {
    name: story.name,
    operation,
    hosts: ['host-1'],
    storage: 'own',
    guest: 'on one host',
    victims: [['host-1']],
    rootDisk: endsOfDisks.includes(operation) ? 'goes' : 'stays',
    prepare: async (fleet) => {
      const fake = fleet.fakeOf();
      await performed(fake, ({ compute }, context) =>
        compute.api.create(context, createRequest({ uuid: bystanderUuid, name: 'bystander' })),
      );
      for (const earlier of earlierThan(story)) {
        await performed(fake, earlier.begin);
        writeMarks(fake, instanceUuid);
      }
    },
    perform: (fleet) => perform(fleet.fakeOf(), story.begin),
    problems: () => Promise.resolve([]),
    wayOut: story.wayOut,
    everyNth: coreNames.includes(story.name) ? 1 : 4,
  };
}

function operationOf({ name, operation }: Story): OperationName {
  if (operation) return operation;
  if (!Object.hasOwn(operations, name)) throw new TypeError(`the story ${name} is of no operation`);
  return name as OperationName;
}
