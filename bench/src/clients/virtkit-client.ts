import { createInterface } from 'node:readline';
import { RpcConnection, type Domain } from '@virtkit/libvirt-client';
import type { Work, WorkDone } from './work.js';

// @virtkit/libvirt-client in a process of its own, like every peer: `virtkit-client.js SOCKET [WINDOW]`. It reads a
// Work a line from its standard input, and answers each with a WorkDone.

async function main([socketPath = '', window]: readonly string[]): Promise<void> {
  const options = { socketPath, ...(window !== undefined && { quickWindow: Number(window) }) };
  await using simulated = await RpcConnection.open({ ...options, uri: 'test:///default' });
  await using host = await RpcConnection.open({ ...options, uri: 'qemu:///system' });
  const domain = await simulated.lookupByName('test');
  const many = await host.listAllDomains();

  const works: Readonly<Record<Exclude<Work['work'], 'event'>, (nth: number) => Promise<unknown>>> = {
    info: () => domain.getInfo(),
    list: () => host.listAllDomains(),
    xml: (nth) => (many[nth] as Domain).getXMLDesc(),
    stats: () => host.getAllDomainStats(),
  };
  /** From the call to its event, so many times. The domain runs again after each, which is not counted. */
  const eventLatencyMs = async (calls: number): Promise<number> => {
    await using subscription = await simulated.domainEventRegisterAny('lifecycle');
    const events = subscription[Symbol.asyncIterator]();
    let totalMs = 0;
    for (let nth = 0; nth < calls; nth++) {
      const begun = performance.now();
      const suspended = domain.suspend();
      await events.next();
      totalMs += performance.now() - begun;
      await suspended;
      await Promise.all([domain.resume(), events.next()]);
    }
    return totalMs;
  };
  const milliseconds = async ({ work, calls, inFlight }: Work): Promise<number> => {
    if (work === 'event') return await eventLatencyMs(calls);
    const begun = performance.now();
    const caller = async (first: number): Promise<void> => {
      for (let nth = first; nth < calls; nth += inFlight) await works[work](nth);
    };
    await Promise.all(Array.from({ length: inFlight }, (_, first) => caller(first)));
    return performance.now() - begun;
  };

  for await (const line of createInterface({ input: process.stdin })) {
    const cpu = process.cpuUsage();
    const seconds = (await milliseconds(JSON.parse(line) as Work)) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6 } satisfies WorkDone));
  }
}

await main(process.argv.slice(2));
