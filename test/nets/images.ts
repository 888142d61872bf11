import type { Net } from './net.js';

const measuredImages = 'packages/providers-local/test/measured-images.test.ts';
const volumeHosts = 'packages/core/test/volume-hosts.test.ts';

export const nets: readonly Net[] = [
  {
    cases: ['D9'],
    without: 'reading the record of what was measured: an image is read in full after each start',
    test: measuredImages,
    title: 'an image that was measured is not read again after a restart',
    edits: [
      {
        file: 'packages/providers-local/src/images/image-check.ts',
        from: 'onRecord ??= await readMeasuredFiles(folder);',
        to: 'onRecord ??= {};',
      },
    ],
  },
  {
    cases: ['D9'],
    without: 'the ctime in what is measured: content may change behind an old size and mtime',
    test: measuredImages,
    title:
      'an image that was measured is refused after a restart when a byte of it has changed, also one with the old time and size',
    edits: [
      {
        file: 'packages/providers-local/src/images/measured-files.ts',
        from: 'ctimeNs: `${ctimeNs}`,',
        to: "ctimeNs: '0',",
      },
    ],
  },
  {
    cases: ['E12'],
    without: 'the name of the manager in what storage systems are told of a host',
    test: volumeHosts,
    title: 'a volume is connected under the name of the manager on the host that its hypervisor calls rack7-node12',
    edits: [
      {
        file: 'packages/core/src/guard/guest-driver.ts',
        from: '        host: this.#host,\n',
        to: '',
      },
    ],
  },
  {
    cases: ['E12'],
    without: 'disconnecting what an earlier version connected under the name of the hypervisor',
    test: volumeHosts,
    title:
      'a volume that an earlier version connected under the name of the hypervisor is taken from the host under both',
    edits: [
      {
        file: 'packages/core/src/peers/volume-connections.ts',
        from: 'for (const host of [name, ...earlier]) {',
        to: 'for (const host of [name]) {',
      },
    ],
  },
];
