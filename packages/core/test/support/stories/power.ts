import { createRequest } from '../fake-compute.js';
import { instanceUuid, type Story } from './story.js';

export const powerStories: readonly Story[] = [
  {
    name: 'build',
    before: [],
    begin: ({ compute }, context) => compute.api.create(context, createRequest({ uuid: instanceUuid })),
    wayOut: 'delete',
  },
  {
    name: 'terminate',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.delete(context, instanceUuid),
    wayOut: 'delete',
  },
  {
    name: 'hardReboot',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.reboot(context, instanceUuid, 'HARD'),
    wayOut: 'repair',
  },
  {
    name: 'softReboot',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.reboot(context, instanceUuid, 'SOFT'),
    wayOut: 'repair',
  },
  {
    name: 'stop',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.stop(context, instanceUuid, { gracePeriodMs: 0 }),
    wayOut: 'repair',
  },
  {
    name: 'start',
    before: ['build', 'stop'],
    begin: ({ compute }, context) => compute.api.start(context, instanceUuid),
    wayOut: 'repair',
  },
  {
    name: 'pause',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.pause(context, instanceUuid),
    wayOut: 'repair',
  },
  {
    name: 'unpause',
    before: ['build', 'pause'],
    begin: ({ compute }, context) => compute.api.unpause(context, instanceUuid),
    wayOut: 'repair',
  },
  {
    name: 'suspend',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.suspend(context, instanceUuid),
    wayOut: 'repair',
  },
  {
    name: 'resume',
    before: ['build', 'suspend'],
    begin: ({ compute }, context) => compute.api.resume(context, instanceUuid),
    wayOut: 'repair',
  },
];
