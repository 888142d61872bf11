import { readProgram, type ProcedureEntry } from '../../scripts/protocol-description.mjs';
import { LibvirtError, procedures, qemuProcedures, type RpcConnection, type AnyProcedure } from '../../src/index.js';
import type { Cast } from './cast.js';
import { setStage } from './stage.js';
import { tellingArguments } from './telling-arguments.js';
import { usualArguments } from './usual-arguments.js';

const tables: Readonly<Record<string, unknown>> = { ...procedures, ...qemuProcedures };

/** Calls that leave something behind on their connection: each gets one of its own. */
const apart = /^auth|^connectDomainEvent|Deregister|^connectSetIdentity$|^domainMigrate(?!Get|Set)/;
/** Made by opening and closing a connection. */
const opening = new Set(['connectOpen', 'connectClose']);

/**
 * Calls every procedure that needs no file descriptors, each on a stage that is set. Errors of the daemon are answers.
 * @throws Error when a call has no answer
 */
export async function callEverything(open: () => Promise<RpcConnection>, cast: Cast): Promise<void> {
  await using connection = await open();
  await registerEverything(connection);
  await setStage(connection, cast);
  const entries = (['remote', 'qemu'] as const).flatMap((program) => readProgram(program).entries);
  const callable = entries.filter(
    (entry): entry is ProcedureEntry =>
      entry.kind === 'procedure' && entry.files === undefined && !opening.has(entry.name),
  );
  for (const entry of callable) {
    const telling = tellingArguments[entry.name];
    if (entry.effect === 'change' || telling !== undefined) await setStage(connection, cast);
    const own = apart.test(entry.name) ? await open() : undefined;
    const used = own ?? connection;
    await answered(used, entry, { ...usualArguments(entry, cast), ...(await telling?.(cast, used)) });
    await own?.close();
  }
}

async function answered(connection: RpcConnection, { name, stream }: ProcedureEntry, args: object): Promise<void> {
  const procedure = tables[name] as AnyProcedure;
  try {
    if (stream === undefined) await connection.call(procedure, args, { timeoutMs: 20_000 });
    else await (await connection.openStream(procedure, args, { timeoutMs: 20_000 })).abort();
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw new Error(`${name} was not answered`, { cause: error });
  }
}

/** Events of all kinds, so that what happens on the stage is told. */
async function registerEverything(connection: RpcConnection): Promise<void> {
  const registrations = [
    ...Array.from({ length: 27 }, (_, eventID) =>
      connection.call(procedures.connectDomainEventCallbackRegisterAny, { eventID, dom: null }),
    ),
    connection.call(procedures.connectNetworkEventRegisterAny, { eventID: 0, net: null }),
    ...[0, 1].flatMap((eventID) => [
      connection.call(procedures.connectStoragePoolEventRegisterAny, { eventID, pool: null }),
      connection.call(procedures.connectNodeDeviceEventRegisterAny, { eventID, dev: null }),
      connection.call(procedures.connectSecretEventRegisterAny, { eventID, secret: null }),
    ]),
  ];
  for (const registration of await Promise.allSettled(registrations)) {
    if (registration.status === 'rejected' && !(registration.reason instanceof LibvirtError)) throw registration.reason;
  }
}
