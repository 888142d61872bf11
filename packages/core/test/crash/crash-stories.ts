import { Secret, type OperationName } from '@virtkit/core';
import { createRequest } from '../support/fake-compute.js';
import { imageId } from '../support/memory-providers.js';
import { deviceStories } from '../support/stories/devices.js';
import { imageStories } from '../support/stories/images.js';
import { lifecycleStories } from '../support/stories/lifecycle.js';
import { repairStories } from '../support/stories/repair.js';
import { instanceUuid as uuid, type Story } from '../support/stories/story.js';

const coreStories: readonly Story[] = [
  {
    name: 'build',
    before: [],
    begin: ({ compute }, context) => {
      const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid });
      return compute.api.create(context, { ...request, imageId, networks: [{}] });
    },
    wayOut: 'delete',
  },
  {
    name: 'terminate',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.delete(context, uuid),
    wayOut: 'delete',
  },
  {
    name: 'start',
    before: ['build', 'stop'],
    begin: ({ compute }, context) => compute.api.start(context, uuid),
    wayOut: 'repair',
  },
  {
    name: 'stop',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.stop(context, uuid),
    wayOut: 'repair',
  },
  {
    name: 'softReboot',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.reboot(context, uuid, 'SOFT'),
    wayOut: 'repair',
  },
  {
    name: 'hardReboot',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.reboot(context, uuid, 'HARD'),
    wayOut: 'repair',
  },
  {
    name: 'pause',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.pause(context, uuid),
    wayOut: 'repair',
  },
  {
    name: 'unpause',
    before: ['build', 'pause'],
    begin: ({ compute }, context) => compute.api.unpause(context, uuid),
    wayOut: 'repair',
  },
  {
    name: 'suspend',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.suspend(context, uuid),
    wayOut: 'repair',
  },
  {
    name: 'resume',
    before: ['build', 'suspend'],
    begin: ({ compute }, context) => compute.api.resume(context, uuid),
    wayOut: 'repair',
  },
];

const guestStories: readonly Story[] = [
  {
    name: 'setAdminPassword',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.guest.setAdminPassword(context, uuid, new Secret('open sesame')),
    wayOut: 'repair',
  },
  {
    name: 'triggerCrashDump',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.guest.triggerCrashDump(context, uuid),
    wayOut: 'repair',
  },
  {
    name: 'quiesce',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.guest.quiesce(context, uuid),
    wayOut: 'repair',
  },
  {
    name: 'unquiesce',
    before: ['build', 'quiesce'],
    begin: ({ compute }, context) => compute.api.guest.unquiesce(context, uuid),
    wayOut: 'repair',
  },
];

/** Every operation, once or in several situations, with what comes before it. */
export const crashStories: readonly Story[] = [
  ...coreStories,
  ...guestStories,
  ...lifecycleStories,
  ...imageStories,
  ...repairStories,
  ...deviceStories,
];

/** Operations that were asked to remove a guest's root disk, or to make it anew. */
export const endsOfDisks: readonly OperationName[] = [
  'build',
  'terminate',
  'rebuild',
  'evacuate',
  'shelveOffload',
  'unshelve',
];

/** The stories that come before one, and itself. */
export function whole(story: Story): readonly Story[] {
  const before = story.before.map((name) => {
    const found = crashStories.find((each) => each.name === name);
    if (!found) throw new TypeError(`no story is called ${name}`);
    return found;
  });
  return [...before, story];
}
