import { generatedMethods, type GeneratedMethod } from '../../scripts/object-calls.mjs';
import { readMethods, readProgram, type Field } from '../../scripts/protocol-description.mjs';
import * as api from '../../src/index.js';
import { ErrorNumber, LibvirtError, LibvirtStream, type RpcConnection, type TypedParameter } from '../../src/index.js';
import type { Cast } from './cast.js';
import { setStage } from './stage.js';
import { tellingArguments } from './telling-arguments.js';
import { usualArguments } from './usual-arguments.js';

export interface MethodAnswer {
  /** As `Domain.getXMLDesc`. */
  readonly name: string;
  readonly procedure: string;
  /** `ok`, or the name of the daemon's error. */
  readonly answer: string;
  readonly message: string;
}

type Method = (...args: unknown[]) => Promise<unknown>;
type ObjectClass = new (caller: RpcConnection, named: unknown) => object;

const errorNames = new Map<number, string>(Object.entries(ErrorNumber).map(([name, code]) => [code, name]));
/** Their ends would outlive the call on the connection. */
const apart = /^domainMigrate(?!Get|Set)/;

export const everyMethod: readonly GeneratedMethod[] = generatedMethods({
  remote: readProgram('remote'),
  methods: readMethods(),
});

/**
 * Calls every generated method, each on a stage that is set, with what `callEverything` gives its procedure.
 * @throws Error when a method fails in any other way than by an answer of the daemon
 */
export async function callEveryMethod(open: () => Promise<RpcConnection>, cast: Cast): Promise<MethodAnswer[]> {
  await using connection = await open();
  await setStage(connection, cast);
  const answers: MethodAnswer[] = [];
  for (const each of everyMethod) {
    const { procedure } = each;
    const telling = tellingArguments[procedure.name];
    if (procedure.effect === 'change' || telling !== undefined) await setStage(connection, cast);
    const own = apart.test(procedure.name) ? await open() : undefined;
    const used = own ?? connection;
    const args = { ...usualArguments(procedure, cast), ...(await telling?.(cast, used)) };
    answers.push(await answerOf(used, each, args));
    await own?.close();
  }
  return answers;
}

async function answerOf(
  connection: RpcConnection,
  { procedure, className, method, own, parameters }: GeneratedMethod,
  args: Readonly<Record<string, unknown>>,
): Promise<MethodAnswer> {
  const facts = { name: `${className}.${method}`, procedure: procedure.name };
  const target = own === undefined ? connection : objectOf(connection, className, own, args[own.name]);
  const given = parameters.map((field) => methodArgument(field, args[field.name]));
  try {
    const result = await (Reflect.get(target, method) as Method).call(target, ...given, { timeoutMs: 20_000 });
    if (result instanceof LibvirtStream) await result.abort();
    return { ...facts, answer: 'ok', message: '' };
  } catch (error) {
    if (!LibvirtError.is(error)) throw new Error(`${facts.name} was not answered`, { cause: error });
    return { ...facts, answer: errorNames.get(error.code) ?? `error ${error.code}`, message: error.message };
  }
}

/** The object that stands for the first argument of the procedure: a struct, or the name alone. */
function objectOf(connection: RpcConnection, className: string, own: Field, value: unknown): object {
  const Class = Reflect.get(api, className) as ObjectClass;
  return new Class(connection, own.type === 'string' ? { [own.name]: value } : value);
}

/** What the method takes for an argument of its procedure. */
function methodArgument({ name, type }: Field, value: unknown): unknown {
  if (name === 'autostart') return value !== 0;
  if (!type.startsWith('typedParam[')) return value;
  const parameters = value as readonly TypedParameter[];
  return Object.fromEntries(parameters.map(({ field, ...typed }) => [field, typed]));
}
