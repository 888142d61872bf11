import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testEnvironment } from '@virtkit/driver-testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibvirtDriver } from '../src/libvirt-driver.js';
import { configuration } from './support/configuration.js';
import { instanceSpec } from './support/instance-spec.js';
import { rejectionOf, tenantReads } from './support/readers.js';

describe('a driver whose libvirtd is not there', () => {
  let root: string;
  let driver: LibvirtDriver;
  const instance = instanceSpec();

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vk-gone-'));
    const paths = { stateDirectory: join(root, 'state'), imageDirectories: [root], socketPath: join(root, 'socket') };
    driver = new LibvirtDriver(configuration({ ...paths, vnc: {} }), testEnvironment());
  });

  afterEach(async () => {
    await driver.cleanupHost({});
    await rm(root, { recursive: true, force: true });
  });

  it.each<[method: string, call: () => Promise<unknown>]>([
    ['initHost', () => driver.initHost({})],
    ['spawn', () => driver.spawn({ instance })],
    ['destroy', () => driver.destroy({ instance })],
    ['getInfo', () => driver.getInfo({ instance })],
    ['inspect', () => driver.inspect({ instanceUuid: instance.uuid })],
    ['listInstanceUuids', () => driver.listInstanceUuids({})],
    ['powerOn', () => driver.powerOn({ instance })],
    ['powerOff', () => driver.powerOff({ instance })],
    ['reboot', () => driver.reboot({ instance, type: 'SOFT' })],
    ['pause', () => driver.pause({ instance })],
    ['unpause', () => driver.unpause({ instance })],
    ['suspend', () => driver.suspend({ instance })],
    ['resume', () => driver.resume({ instance })],
    ['getConsoleOutput', () => driver.getConsoleOutput({ instance })],
    ['getVncConsole', () => driver.getVncConsole({ instance })],
    ['getAvailableResource', () => driver.getAvailableResource({})],
  ])('%s says so, and nothing of the host', async (_method, call) => {
    const failure = await rejectionOf(call(), 'HYPERVISOR_UNAVAILABLE');
    expect(failure.effect).toBe('none');
    expect(tenantReads(failure)).not.toContain(root);
  });

  it('initHost names the directory that is missing', async () => {
    const misconfigured = new LibvirtDriver(
      configuration({ stateDirectory: join(root, 'state'), imageDirectories: [root, join(root, 'none')] }),
      testEnvironment(),
    );
    const failure = await rejectionOf(misconfigured.initHost({}), 'INVALID_CONFIGURATION');
    expect(failure.details).toMatchObject({ field: 'imageDirectories[1]', value: join(root, 'none') });
  });
});
