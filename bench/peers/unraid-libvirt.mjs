// @unraid/libvirt, a native addon: promises on the threads of libuv, on one connection for each URI.
//
//     node unraid-libvirt.mjs SOCKET MODULE
//
// Reads {"work":"info","calls":N,"inFlight":N} from standard input, one a line, and answers each with
// {"seconds":S,"cpuSeconds":S}. It has neither events nor the statistics of all domains.
import { createInterface } from 'node:readline';

const [socket, module] = process.argv.slice(2);
const { Hypervisor } = await import(module ?? '@unraid/libvirt');

const simulated = new Hypervisor({ uri: `test+unix:///default?socket=${socket}` });
await simulated.connectOpen();
const host = new Hypervisor({ uri: `qemu+unix:///system?socket=${socket}` });
await host.connectOpen();
const domain = await simulated.domainLookupByName('test');
const many = await host.connectListAllDomains();

/** @type {Record<string, (nth: number) => Promise<void>>} */
const works = {
  info: async () => void (await domain.getInfo()),
  list: async () => void (await host.connectListAllDomains()),
  xml: async (nth) => void (await many[nth].getXMLDesc()),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { work, calls, inFlight } = JSON.parse(line);
  const [cpu, begun] = [process.cpuUsage(), performance.now()];
  const caller = async (/** @type {number} */ first) => {
    for (let nth = first; nth < calls; nth += inFlight) await works[work]?.(nth);
  };
  await Promise.all(Array.from({ length: inFlight }, (_, first) => caller(first)));
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6 }));
}
process.exit();
