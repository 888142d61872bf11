import { join } from 'node:path';
import { driverConformance, unprovenRules } from '@virtkit/driver-testkit';
import { createBridge, deleteBridge } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBootSector } from './support/boot-sector.js';
import { BRIDGE, conformanceSubject } from './support/conformance-subject.js';
import { RealHost } from './support/real-host.js';

describe('the libvirt driver keeps the contract', () => {
  let host: RealHost;
  let imagePath: string;

  beforeAll(async () => {
    host = await RealHost.start();
    imagePath = join(host.daemon.imagesDirectory, 'boot-sector.raw');
    await writeBootSector(imagePath);
    await createBridge(BRIDGE);
  });

  afterAll(async () => {
    await deleteBridge(BRIDGE);
    await host[Symbol.asyncDispose]();
  });

  const subject = conformanceSubject(
    () => host,
    () => imagePath,
  );

  driverConformance({ describe, it }, subject);

  it('with no rule left unproven', () => {
    expect(unprovenRules(subject)).toEqual([]);
  });
});
