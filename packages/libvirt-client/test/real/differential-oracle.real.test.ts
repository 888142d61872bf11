import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { procedures, RpcConnection, type RemoteDomainStatsRecord } from '../../src/index.js';
import { askPython } from '../oracles/ask-python.js';
import { askVirsh } from '../oracles/ask-virsh.js';
import { connectionQuestions } from '../oracles/connection-questions.js';
import { domainQuestions } from '../oracles/domain-questions.js';
import { guestXml } from '../oracles/guest-xml.js';
import { ourAnswer } from '../oracles/question.js';

const drivers = ['test', 'qemu'] as const;
const uris = { test: 'test:///default', qemu: 'qemu:///system' } as const;

let daemon: PrivateLibvirtd;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vk-diff-'));
  daemon = await startPrivateLibvirtd({ directory, directoryAfterStop: 'remove' });
});

afterAll(async () => {
  await daemon.stop();
});

const theirUri = (driver: 'test' | 'qemu'): string =>
  uris[driver].replace(':', '+unix:').concat(`?socket=${daemon.socketPath}`);

/** Domains that stand still, so that two who look one after the other see the same. One of each driver is active. */
async function defineDomains(connection: RpcConnection, driver: 'test' | 'qemu'): Promise<string[]> {
  const names = ['one', 'two', 'three', 'fünf'];
  for (const [index, name] of names.entries()) {
    const uuid = `e0000000-0000-4000-8000-00000000000${index}`;
    const domain = await connection.defineXMLFlags(guestXml(driver, { name, uuid }));
    const element = { type: 2, metadata: '<x>y</x>', key: 'k', uri: 'urn:x', flags: 2 };
    if (index < 2) await connection.call(procedures.domainSetMetadata, { dom: domain, ...element });
    // QEMU's starts paused, so that it has no life of its own.
    if (index === 0) await domain.createWithFlags(driver === 'qemu' ? 1 : 0);
  }
  return driver === 'test' ? ['test', ...names] : names;
}

describe.each(drivers)('of the %s driver', (driver) => {
  let connection: RpcConnection;
  let names: string[];

  beforeAll(async () => {
    // Stays open: what the test driver has made is gone with its last connection.
    connection = await RpcConnection.open({ uri: uris[driver], socketPath: daemon.socketPath });
    names = await defineDomains(connection, driver);
  });

  afterAll(async () => {
    await connection.close();
  });

  it('python3-libvirt and we get the same values and the same errors', async () => {
    const questions = [...connectionQuestions, ...names.flatMap(domainQuestions)];
    const theirs = await askPython(
      theirUri(driver),
      questions.map((question) => question.theirs),
    );
    const different: unknown[] = [];
    let errors = 0;
    for (const [index, question] of questions.entries()) {
      const ours = await ourAnswer(connection, question);
      if (Object.hasOwn(ours as object, 'error')) errors++;
      if (JSON.stringify(ours) !== JSON.stringify(theirs[index])) {
        different.push({ question: question.theirs, ours, theirs: theirs[index] });
      }
    }
    expect(different).toEqual([]);
    expect(questions.length).toBeGreaterThan(200);
    // The same refusal of everything would be no agreement.
    expect(errors).toBeGreaterThan(50);
    expect(errors).toBeLessThan(questions.length * 0.7);
  });

  it('virsh and we get the same values', async () => {
    const domains = await connection.listAllDomains();
    const questions: [command: string, ours: string][] = [];
    for (const domain of domains) {
      const statsArguments = { doms: [domain], stats: 0, flags: 0 };
      const { retStats } = await connection.call(procedures.connectGetAllDomainStats, statsArguments);
      questions.push(
        [`domuuid ${domain.name}`, domain.uuid],
        [`domid ${domain.name}`, domain.id < 0 ? '-' : String(domain.id)],
        [`dumpxml ${domain.name}`, (await domain.getXMLDesc()).trim()],
        [`dumpxml --inactive ${domain.name}`, (await domain.getXMLDesc(2)).trim()],
        // The time of a virtual CPU goes on while the question is asked.
        [`domstats --balloon --block --interface --state ${domain.name}`, statsText(domain.name, retStats[0])],
      );
    }
    const answers = await askVirsh(
      theirUri(driver),
      questions.map(([command]) => command),
    );
    expect(domains.length).toBeGreaterThan(3);
    for (const [index, [command, ours]] of questions.entries()) {
      const theirs = answers[index];
      expect(command.startsWith('domstats') ? comparable(theirs ?? '') : theirs, command).toBe(ours);
    }
  });
});

const asked = /^(?:state|balloon|block|net)\./;
/** What moves by itself. */
const moving = /^balloon\.(?:rss|last-update|disk_caches|unused|available|usable)/;

function statsText(name: string, record: RemoteDomainStatsRecord | undefined): string {
  const params = (record?.params ?? []).filter(({ field }) => asked.test(field));
  return comparable([`Domain: '${name}'`, ...params.map(({ field, value }) => `${field}=${value}`)].join('\n'));
}

function comparable(text: string): string {
  const [head = '', ...lines] = text.split('\n').map((line) => line.trim());
  return [head, ...lines.filter((line) => !moving.test(line)).sort()].join('\n');
}
