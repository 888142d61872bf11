import { Secret } from '@virtkit/core';
import { instanceUuid, type Story } from './story.js';

export const guestStories: readonly Story[] = [
  {
    name: 'setAdminPassword',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.guest.setAdminPassword(context, instanceUuid, new Secret('pa55word')),
    wayOut: 'repair',
  },
  {
    name: 'triggerCrashDump',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.guest.triggerCrashDump(context, instanceUuid),
    wayOut: 'repair',
  },
  {
    name: 'quiesce',
    before: ['build'],
    begin: ({ compute }, context) => compute.api.guest.quiesce(context, instanceUuid),
    wayOut: 'repair',
  },
  {
    name: 'unquiesce',
    before: ['build', 'quiesce'],
    begin: ({ compute }, context) => compute.api.guest.unquiesce(context, instanceUuid),
    wayOut: 'repair',
  },
];
