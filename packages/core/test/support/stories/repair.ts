import { Secret } from '@virtkit/core';
import { imageId } from '../memory-providers.js';
import { instanceUuid, type Story } from './story.js';

export const repairStories: readonly Story[] = [
  {
    name: 'rescue',
    before: ['build'],
    begin: ({ compute }, context) =>
      compute.api.repair.rescue(context, instanceUuid, {
        imageId,
        password: new Secret('open sesame'),
        gracePeriodMs: 0,
      }),
    wayOut: 'delete',
  },
  {
    name: 'unrescue',
    before: ['build', 'rescue'],
    begin: ({ compute }, context) => compute.api.repair.unrescue(context, instanceUuid),
    wayOut: 'delete',
  },
  {
    name: 'rebuild',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.repair.rebuild(context, instanceUuid, { imageId }),
    // The old disk may be gone: only another rebuild makes one.
    wayOut: 'delete',
  },
];
