import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RpcConnection } from '../../src/index.js';
import { callEverything } from '../oracles/call-everything.js';
import { castOf, type Driver } from '../oracles/cast.js';
import { observedAnswers, type Answers } from '../oracles/observed-answers.js';
import { RecordingProxy } from '../oracles/recording-proxy.js';
import { clearStage } from '../oracles/stage.js';

const factsPath = new URL('../oracles/answered-procedures.json', import.meta.url);
const uris = { test: 'test:///default', qemu: 'qemu:///system' } as const;

let daemon: PrivateLibvirtd;
let proxy: RecordingProxy;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vk-cov-'));
  daemon = await startPrivateLibvirtd({ directory, directoryAfterStop: 'remove' });
  proxy = await RecordingProxy.listen(join(directory, 'tap'), daemon.socketPath);
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await daemon.stop();
});

/**
 * The file holds what COVERAGE.md says; this is the witness. An answer may be missing from it, never the other way
 * round: what it calls answered was answered now, and what it calls `ok` was no error.
 */
it.each(['test', 'qemu'] as const)('every procedure is answered by the %s driver as the table says', async (driver) => {
  const answers = await answersOf(driver);
  const facts = JSON.parse(await readFile(factsPath, 'utf8').catch(() => '{}')) as Partial<Record<Driver, Answers>>;
  if (process.env['VIRTKIT_UPDATE'] === 'coverage') {
    const written = { ...facts, [driver]: Object.fromEntries(Object.entries(answers).sort()) };
    await writeFile(factsPath, `${JSON.stringify(written, undefined, 2)}\n`);
    return;
  }
  const claimed = Object.entries(facts[driver] ?? {});
  const untrue = claimed.filter(([name, answer]) => {
    return answers[name] === undefined || (answer === 'ok' && answers[name] !== 'ok');
  });
  expect(untrue.map(([name, answer]) => `${name}: ${answer}, but now ${answers[name] ?? 'no answer'}`)).toEqual([]);
  expect(claimed.length).toBeGreaterThan(380);
});

async function answersOf(driver: Driver): Promise<Answers> {
  const open = () => RpcConnection.open({ uri: uris[driver], socketPath: proxy.socketPath });
  const cast = castOf(driver, daemon.imagesDirectory);
  await callEverything(open, cast);
  await using connection = await open();
  await clearStage(connection, cast);
  return observedAnswers(proxy.packets, driver);
}
