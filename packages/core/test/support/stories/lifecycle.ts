import type { Story } from './story.js';
import { instanceUuid } from './story.js';

export const lifecycleStories: readonly Story[] = [
  {
    name: 'softDelete',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.softDelete(context, instanceUuid),
    wayOut: 'delete',
  },
  {
    name: 'restore',
    before: ['build', 'softDelete'],
    begin: ({ compute }, context) => compute.api.restore(context, instanceUuid),
    wayOut: 'delete',
  },
  {
    name: 'forceStop',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.forceStop(context, instanceUuid),
    wayOut: 'repair',
  },
];
