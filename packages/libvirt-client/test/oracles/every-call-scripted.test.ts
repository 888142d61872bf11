import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readProgram, type EventEntry, type ProcedureEntry } from '../../scripts/protocol-description.mjs';
import { eventMessages } from '../../src/events/event-messages.js';
import type { EventPayload } from '../../src/events/event-source.js';
import { procedures, qemuProcedures, RpcConnection, type AnyProcedure } from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';
import { valueOf } from '../procedures/described-values.js';

const factsPath = new URL('scripted-procedures.json', import.meta.url);
const tables: Readonly<Record<string, unknown>> = { ...procedures, ...qemuProcedures };
const entries = (['remote', 'qemu'] as const).flatMap((program) => readProgram(program).entries);
/** Said by every connection at its beginning and end; the peer's answers to them are fixed. */
const opening = new Set(['authList', 'connectSupportsFeature', 'connectOpen', 'connectClose']);

let peer: ScriptedPeer;
let connection: RpcConnection;
const ran = new Set<string>(opening);

beforeAll(async () => {
  peer = await ScriptedPeer.listen();
  connection = await RpcConnection.open({ socketPath: peer.socketPath });
});

afterAll(async () => {
  await connection.close();
  await peer[Symbol.asyncDispose]();
});

function sample(fields: ProcedureEntry['arguments']): Record<string, unknown> {
  return fc.sample(valueOf(fields), { numRuns: 1, seed: 9 })[0] ?? {};
}

it('every procedure takes random arguments there and brings random results back', async () => {
  const callable = entries.filter((entry): entry is ProcedureEntry => {
    return entry.kind === 'procedure' && entry.files === undefined && !opening.has(entry.name);
  });
  for (const entry of callable) {
    const procedure = tables[entry.name] as AnyProcedure;
    const given = sample(entry.arguments);
    const returned = sample(entry.result);
    peer.hold(procedure);
    const pending =
      entry.stream === undefined ? connection.call(procedure, given) : connection.openStream(procedure, given);
    const call = await peer.next(procedure);
    expect(call.args, entry.name).toEqual(given);
    call.reply(returned);
    const result = await pending;
    if (entry.stream === undefined) expect(result, entry.name).toEqual(returned);
    else call.finishStream();
    ran.add(entry.name);
  }
});

it('every event that can be asked for reaches its subscriber with random values', async () => {
  const described = new Map(entries.filter((entry) => entry.kind === 'event').map((entry) => [entry.name, entry]));
  for (const [index, message] of [...eventMessages.values()].entries()) {
    const payload = { ...sample((described.get(message.name) as EventEntry).payload), callbackID: index };
    await using subscription = await connection.eventSubscribe({
      ...{ key: message.name, message },
      register: async () => ({ callbackID: index }),
      deregister: async () => undefined,
    });
    peer.sendEvent(message, payload);
    const { value } = await subscription[Symbol.asyncIterator]().next();
    // Parameters come by name, which is tested where that is made.
    const { callbackID: _id, msg, params: _params, ...rest } = payload as EventPayload;
    expect(value, message.name).toMatchObject({ kind: 'event', event: { ...rest, ...msg } });
    ran.add(message.name);
  }
});

it('and the file from which COVERAGE.md is made claims no more', async () => {
  if (process.env['VIRTKIT_UPDATE'] === 'coverage') {
    await writeFile(factsPath, `${JSON.stringify([...ran].sort(), undefined, 2)}\n`);
  }
  const claimed = JSON.parse(await readFile(factsPath, 'utf8')) as string[];
  expect(claimed.filter((name) => !ran.has(name))).toEqual([]);
});
