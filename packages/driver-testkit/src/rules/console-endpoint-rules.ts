import assert from 'node:assert/strict';
import type {
  CallOptions,
  Capability,
  ComputeDriver,
  ConsoleEndpoint,
  GuestRequest,
  InstanceSpec,
} from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import { rejection } from './expect.js';

const consoles = [
  ['vncConsole', 'getVncConsole'],
  ['spiceConsole', 'getSpiceConsole'],
  ['serialConsole', 'getSerialConsole'],
  ['mksConsole', 'getMksConsole'],
] as const satisfies readonly (readonly [Capability, string])[];

type ConsoleMethod = (typeof consoles)[number][1];
type ConsoleDriver = ComputeDriver &
  Record<ConsoleMethod, (request: GuestRequest, options?: CallOptions) => Promise<ConsoleEndpoint>>;

export const consoleEndpointRules: readonly Rule[] = consoles.flatMap(([capability, method]) => {
  const endpointOf = (driver: ComputeDriver, instance: InstanceSpec): Promise<ConsoleEndpoint> =>
    (driver as ConsoleDriver)[method]({ instance });

  return [
    rule<Capability>({
      name: `${method} tells where a proxy finds the console of a running guest`,
      needs: [capability],
      async prove(bench) {
        const endpoint = await endpointOf(bench.driver, await bench.spawned());
        if ('socketPath' in endpoint) {
          assert.deepEqual(Object.keys(endpoint), ['socketPath'], 'A unix socket has no port.');
          assert.match(endpoint.socketPath, /^\/./u, 'The path of the socket is not absolute.');
          return;
        }
        const { address, port, tlsPort = port } = endpoint;
        assert.ok(address.length > 0, 'The address is empty.');
        for (const each of [port, tlsPort]) {
          assert.ok(Number.isInteger(each) && each > 0 && each < 65_536, `${each} is no port.`);
        }
      },
    }),

    rule<Capability>({
      name: `${method} tells two running guests apart`,
      needs: [capability],
      async prove(bench) {
        const endpoints: ConsoleEndpoint[] = [];
        for (let count = 0; count < 2; count += 1) {
          endpoints.push(await endpointOf(bench.driver, await bench.spawned()));
        }
        assert.notDeepEqual(endpoints[0], endpoints[1], 'Two guests have one console.');
      },
    }),

    rule<Capability>({
      name: `${method} of a guest that is off rejects with CONSOLE_UNAVAILABLE`,
      needs: [capability],
      async prove(bench) {
        const instance = bench.instance();
        await bench.driver.spawn({ instance, start: 'leave-off' });
        await rejection(endpointOf(bench.driver, instance), 'CONSOLE_UNAVAILABLE');
      },
    }),
  ];
});
