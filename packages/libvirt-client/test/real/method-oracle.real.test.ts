import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RpcConnection } from '../../src/index.js';
import { callEveryMethod, everyMethod, type MethodAnswer } from '../oracles/call-every-method.js';
import { castOf, type Driver } from '../oracles/cast.js';
import type { Answers } from '../oracles/observed-answers.js';
import { refusalReason } from '../oracles/refusal-reasons.js';
import { clearStage } from '../oracles/stage.js';

const methodsPath = new URL('../oracles/answered-methods.json', import.meta.url);
const proceduresPath = new URL('../oracles/answered-procedures.json', import.meta.url);
const uris = { test: 'test:///default', qemu: 'qemu:///system' } as const;

/** Their procedures answer how many parameters there are; the methods go on and ask for these. */
const asksForMore: Readonly<Record<Driver, readonly string[]>> = {
  test: ['Domain.getBlockIoTune', 'Domain.getInterfaceParameters'],
  qemu: ['Domain.getBlkioParameters', 'Domain.getInterfaceParameters', 'Domain.getMemoryParameters'],
};

let daemon: PrivateLibvirtd;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vk-met-'));
  daemon = await startPrivateLibvirtd({ directory, directoryAfterStop: 'remove' });
});

afterAll(async () => {
  await daemon.stop();
});

describe.each(['test', 'qemu'] as const)(
  'each generated method, called on the %s driver of a real daemon',
  (driver) => {
    let answers: readonly MethodAnswer[];

    beforeAll(async () => {
      const open = () => RpcConnection.open({ uri: uris[driver], socketPath: daemon.socketPath });
      const cast = castOf(driver, daemon.imagesDirectory);
      answers = await callEveryMethod(open, cast);
      await using connection = await open();
      await clearStage(connection, cast);
      if (process.env['VIRTKIT_UPDATE'] !== 'coverage') return;
      const written = { ...(await factsIn(methodsPath)), [driver]: recorded(answers) };
      await writeFile(methodsPath, `${JSON.stringify(written, undefined, 2)}\n`);
    }, 600_000);

    it('is answered, and with success where the table of COVERAGE.md says so', async () => {
      const claimed = (await factsIn(methodsPath))[driver] ?? {};
      const now = recorded(answers);
      const names = everyMethod.map(({ className, method }) => `${className}.${method}`);
      expect(Object.keys(claimed).sort()).toEqual(names.sort());
      expect(Object.entries(claimed).filter(([name, answer]) => answer === 'ok' && now[name] !== 'ok')).toEqual([]);
    });

    it('is refused for a reason that is known, and never for flags or arguments that the caller has not given', () => {
      const refused = answers.filter(({ answer }) => answer !== 'ok');
      expect(refused.filter(({ message }) => refusalReason(message) === undefined)).toEqual([]);
    });

    it('succeeds where its procedure does, unless it asks for what the stage has not', async () => {
      const procedures = (await factsIn(proceduresPath))[driver] ?? {};
      const worse = answers.filter(({ procedure, answer }) => procedures[procedure] === 'ok' && answer !== 'ok');
      expect(worse.map(({ name }) => name).filter((name) => !asksForMore[driver].includes(name))).toEqual([]);
    });

    it('that asks the host for numbers gets them, of all CPUs and cells or of one', async () => {
      await using host = await RpcConnection.open({ uri: uris[driver], socketPath: daemon.socketPath });
      expect(await host.nodeGetCPUStats(-1)).toMatchObject({ user: expect.any(BigInt), idle: expect.any(BigInt) });
      expect(await host.nodeGetCPUStats(0)).toMatchObject({ kernel: expect.any(BigInt) });
      if (driver === 'test') return;
      expect(await host.nodeGetMemoryStats(-1)).toMatchObject({ total: expect.any(BigInt), free: expect.any(BigInt) });
      expect(await host.nodeGetMemoryParameters()).toMatchObject({});
      await expect(host.nodeGetCPUStats(-1, 4)).rejects.toThrow('unsupported flags (0x4)');
    });
  },
);

async function factsIn(path: URL): Promise<Partial<Record<Driver, Answers>>> {
  return JSON.parse(await readFile(path, 'utf8').catch(() => '{}')) as Partial<Record<Driver, Answers>>;
}

function recorded(answers: readonly MethodAnswer[]): Answers {
  return Object.fromEntries(answers.map(({ name, answer }) => [name, answer]).sort());
}
