import { dirname, join } from 'node:path';
import { createCompute, silentLog } from '@virtkit/core';
import { libvirtDriver } from '@virtkit/driver-libvirt';
import { LibvirtClient } from '@virtkit/libvirt-client';
import { buildGuestImage, type GuestImage, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { withPrivateLibvirtd } from './libvirt/with-private-libvirtd.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved } from './measure/interleaved.js';
import { ratioOf, spreadOf } from './measure/spread.js';
import { handIn } from './report/hand-in.js';
import type { Goal, Table } from './report/report.js';
import { guestRequest, type GuestKind } from './spawn/guest-kind.js';
import { GuestTemplate } from './spawn/guest-template.js';
import { deleted, spawned, throughCompute, withBareCalls, withVirsh } from './spawn/spawn-contestants.js';

const MORE_GOAL_PERCENT = 5;
const rounds = 15;
const kinds: readonly GuestKind[] = ['without a disk', 'with a root disk'];

const names = {
  ours: 'ComputeApi.create, until active',
  bare: 'defineXML + create, same client',
  virsh: 'virsh define + virsh start',
};

type Samples = ReadonlyMap<string, readonly number[]>;

async function main(): Promise<void> {
  const question =
    'Spawn of a real guest (QEMU without KVM) until libvirt has started it, under a libvirtd of its own.';
  const image = buildGuestImage();
  const measured = await withPrivateLibvirtd(async (daemon) => {
    const results: [GuestKind, Samples][] = [];
    for (const kind of kinds) results.push([kind, await measure(kind, daemon, await image)]);
    return results;
  });
  if (typeof measured === 'string') {
    handIn({ name: 'spawn', question, tables: [], goals: [], notes: [`Not measured. ${measured}`] });
    return;
  }
  handIn({
    name: 'spawn',
    question,
    tables: measured.map(([kind, samples]) => table(kind, samples)),
    goals: measured.map(([kind, samples]) => goal(kind, samples)),
    notes: [
      'All three make the same guest, and its files, from the XML of the first one; `qemu-img create` counts for everybody.',
      'What the peers do not do: check the image and the request, keep records, confirm that the guest runs.',
    ],
  });
}

async function measure(kind: GuestKind, daemon: PrivateLibvirtd, image: GuestImage): Promise<Samples> {
  const stateDirectory = join(daemon.directory, 'instances');
  const { socketPath } = daemon;
  const imageDirectories = [dirname(image.kernelPath)];
  await using compute = await createCompute({
    host: 'host-1',
    access: { hostResources: 'everybody' },
    log: silentLog,
    drivers: [libvirtDriver],
    driver: { name: 'libvirt', configuration: { socketPath, stateDirectory, imageDirectories, virtType: 'qemu' } },
  });
  await using client = await LibvirtClient.connect({ socketPath });
  const request = guestRequest(kind, image);

  const first = await spawned(compute, request);
  const template = await GuestTemplate.of(client, first, kind, stateDirectory);
  await deleted(compute, first);

  const contestants = [
    throughCompute(names.ours, compute, request),
    withBareCalls(names.bare, client, template),
    withVirsh(names.virsh, daemon, template),
  ];
  return await interleaved(contestants, { rounds });
}

function table(kind: GuestKind, samples: Samples): Table {
  return {
    title: `A guest ${kind}`,
    columns: ['', 'ms', 'of define + create'],
    rows: [...samples].map(([name, values]) => [
      name,
      spreadFigure(spreadOf(values)),
      spreadFigure(ratioOf(values, samples.get(names.bare) ?? [])),
    ]),
  };
}

function goal(kind: GuestKind, samples: Samples): Goal {
  const [ours = [], bare = []] = [samples.get(names.ours), samples.get(names.bare)];
  const morePercent = (spreadOf(ours).median / spreadOf(bare).median - 1) * 100;
  return {
    goal: `A guest ${kind}: less than ${MORE_GOAL_PERCENT} % over define + create, median against median`,
    measured: `${figure(morePercent)} %`,
    verdict: morePercent < MORE_GOAL_PERCENT ? 'met' : 'missed',
  };
}

await main();
