import { instanceUuid, type Story } from './story.js';

export const imageStories: readonly Story[] = [
  {
    name: 'snapshot',
    before: ['build'],
    begin: ({ compute }, context) =>
      compute.api.images.snapshot(context, instanceUuid, { name: 'yesterday', quiesce: 'try' }),
    wayOut: 'repair',
  },
  {
    name: 'backup',
    before: ['build'],
    begin: ({ compute }, context) =>
      compute.api.images.backup(context, instanceUuid, { name: 'sunday', backupType: 'weekly', rotation: 1 }),
    wayOut: 'repair',
  },
  {
    name: 'shelve',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.images.shelve(context, instanceUuid, { gracePeriodMs: 0 }),
    wayOut: 'delete',
  },
  {
    name: 'shelveOffload',
    before: ['build', 'shelve'],
    begin: ({ compute }, context) => compute.api.images.shelveOffload(context, instanceUuid),
    wayOut: 'delete',
  },
  {
    name: 'unshelve',
    before: ['build', 'shelve'],
    begin: ({ compute }, context) => compute.api.images.unshelve(context, instanceUuid),
    wayOut: 'delete',
  },
  {
    name: 'unshelve an offloaded one',
    operation: 'unshelve',
    before: ['build', 'shelve', 'shelveOffload'],
    begin: ({ compute }, context) => compute.api.images.unshelve(context, instanceUuid),
    wayOut: 'delete',
  },
];
