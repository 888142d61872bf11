import { beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from './support/compiler.js';

const preamble = `
import { decoratorServices, deleteImageOnError, entity, errorsOutMigration } from '@virtkit/decorators';
import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import type { ContextRef as Context, ImageRef as Image, InstanceRef as Instance } from '@virtkit/decorators';
import type { DecoratorServices, MigrationRef as Migration } from '@virtkit/decorators';
const event = wrapInstanceEvent({ prefix: 'compute' });
declare class Server implements Instance {
  readonly [entity]: 'instance';
  readonly uuid: string;
  readonly name: string;
}
declare abstract class Services {
  readonly [decoratorServices]: DecoratorServices;
}
`;

/** The source of a class that has this member, and a module around it. */
function member(text: string): string {
  return `${preamble}\nexport class Manager extends Services {\n  ${text}\n}\n`;
}

const none = 'the method must take exactly one instance, and it takes none';
const several = 'the method must take exactly one instance, and it takes several';
const unsure = 'the method must take exactly one instance: always, and in a parameter of its own';

/** What the compiler must refuse, and a part of what it must say. */
const refused: readonly (readonly [what: string, source: string, text: string])[] = [
  ['no parameters', member(`@revertsTaskState async m() {}`), none],
  ['no instance', member(`@wrapInstanceFault async m(c: Context, host: string) {}`), none],
  ['a look-alike', member(`@event async m(instance: { uuid: string }) {}`), none],
  ['another kind of entity', member(`@event async m(migration: Migration) {}`), none],
  ['any', member(`@revertsTaskState async m(instance: any) {}`), none],
  ['unknown', member(`@revertsTaskState async m(instance: unknown) {}`), none],
  ['never', member(`@revertsTaskState async m(instance: never) {}`), `'any' is not assignable to type 'never'`],
  ['anything at all', member(`@event async m(...args: any[]) {}`), 'the method must take exactly one instance"'],
  ['two instances', member(`@event async m(from: Instance, to: Server) {}`), several],
  ['two instances of one type', member(`@event async m(from: Server, c: Context, to: Server) {}`), several],
  ['an instance that may be missing', member(`@event async m(i: Instance | undefined) {}`), unsure],
  ['an instance that may be something else', member(`@event async m(i: Server | string) {}`), unsure],
  ['an optional instance', member(`@event async m(c: Context, i?: Instance) {}`), unsure],
  ['an instance with a default', member(`@event async m(i: Server = new Server()) {}`), unsure],
  ['a list of instances', member(`@event async m(...all: Server[]) {}`), unsure],
  ['a second instance, optional', member(`@event async m(i: Instance, other?: Server) {}`), unsure],
  ['a second instance, perhaps', member(`@event async m(i: Instance, other: Server | null) {}`), unsure],
  ['more instances', member(`@event async m(i: Instance, ...others: Instance[]) {}`), unsure],
  ['an instance within an array', member(`@event async m(all: Instance[]) {}`), none],
  [
    'a migration without its instance',
    member(`@errorsOutMigration async m(migration: Migration) {}`),
    'the method must take exactly one instance, and it takes none',
  ],
  [
    'an instance without its migration',
    member(`@errorsOutMigration async m(i: Instance) {}`),
    'the method must take exactly one migration, and it takes none',
  ],
  [
    'a migration that may be null',
    member(`@errorsOutMigration async m(i: Instance, migration: Migration | null) {}`),
    'the method must take exactly one migration: always, and in a parameter of its own',
  ],
  [
    'an image by its id only',
    member(`@deleteImageOnError async m(i: Instance, imageId: string) {}`),
    'the method must take exactly one image, and it takes none',
  ],
  [
    'two images',
    member(`@deleteImageOnError async m(i: Instance, a: Image, b: Image) {}`),
    'the method must take exactly one image, and it takes several',
  ],
  ['a method that is not asynchronous', member(`@event m(i: Instance): void {}`), `'void' is not assignable`],
  ['a method that may be asynchronous', member(`@wrapException m(): void | Promise<void> {}`), 'is not assignable'],
  ['a generator', member(`@wrapException async *m() { yield 1; }`), 'AsyncGenerator'],
  ['a getter', member(`@wrapException get m() { return 1; }`), 'TS'],
  ['a field', member(`@wrapException m = async () => {};`), 'TS'],
  ['a class', `${preamble} @wrapException export class Manager extends Services {}`, 'TS'],
  ['an event without a prefix', member(`@wrapInstanceEvent({}) async m(i: Instance) {}`), `'prefix' is missing`],
  [
    'a class without services',
    `${preamble} export class Manager { @wrapException async m() {} }`,
    'the class must offer these services under [decoratorServices]',
  ],
  [
    'a class that offers too little',
    `${preamble} export class Manager {
      readonly [decoratorServices]!: Pick<DecoratorServices, 'log' | 'failures' | 'taskStates'>;
      @revertsTaskState async fits(i: Instance) {}
      @wrapInstanceFault async m(i: Instance) {}
    }`,
    'the class must offer these services under [decoratorServices]',
  ],
  [
    'a class that keeps its services to itself',
    `${preamble} export class Manager {
      private readonly [decoratorServices]!: DecoratorServices;
      @wrapException async m() {}
    }`,
    'the class must offer these services under [decoratorServices]',
  ],
  [
    'a static method whose class offers nothing itself',
    member(`@wrapException static async m() {}`),
    'the class must offer these services under [decoratorServices]',
  ],
];

const accepted: readonly (readonly [what: string, source: string])[] = [
  ['an instance', member(`@revertsTaskState async m(i: Instance) {}`)],
  ['a subclass of an instance', member(`@revertsTaskState async m(c: Context, i: Server) {}`)],
  ['either of two kinds of instance', member(`@revertsTaskState async m(i: Server | Instance) {}`)],
  ['a host-level method', member(`@wrapException async m(host: string) {}`)],
  [
    'the whole stack',
    member(`
    @wrapException @revertsTaskState @event @errorsOutMigration @wrapInstanceFault @deleteImageOnError
    async m(c: Context, image: Image, i: Instance, migration: Migration): Promise<number> { return 1; }`),
  ],
  [
    'optional and rest parameters',
    member(`
    @event async m(i: Instance, type?: 'SOFT' | 'HARD', ...rest: readonly string[]) { return [type, rest]; }
    check() { return [this.m({} as Instance), this.m({} as Instance, 'SOFT', 'a', 'b')]; }`),
  ],
  ['parameters that say nothing of what they are', member(`@event async m(i: Instance, a: any, b: unknown) {}`)],
  [
    'a generic method, whose result stays generic',
    member(`
    @event async m<K extends string>(i: Instance, kind: K): Promise<K> { return kind; }
    async check(i: Instance) { const kind: 'a' = await this.m(i, 'a'); return kind; }`),
  ],
  [
    'a type parameter that is an instance',
    member(`
    @event async m<I extends Instance>(i: I): Promise<I> { return i; }
    async check(server: Server) { return (await this.m(server)).name; }`),
  ],
  ['a this parameter', member(`@event async m(this: Manager, i: Instance) { return this; }`)],
  ['a method named by a symbol', member(`@event async [Symbol.for('m') as unknown as 'm'](i: Instance) {}`)],
  [
    'a protected method and a private one',
    member(`
    @event protected async m(i: Instance) {}
    @event private async n(i: Instance) {}
    check() { return [this.m, this.n]; }`),
  ],
  [
    'an override',
    `${preamble}
    class Base extends Services { @event async m(i: Instance) {} }
    export class Derived extends Base { @event override async m(i: Instance, more?: number) { void more; } }`,
  ],
  [
    'a static method whose class offers services',
    `${preamble} export class Manager {
    static readonly [decoratorServices]: DecoratorServices;
    @event static async m(i: Instance) {} }`,
  ],
  [
    'a method that returns a promise without being async',
    member(`@event m(i: Instance) { return Promise.resolve(1); }`),
  ],
  [
    'a class that offers no more than is demanded',
    `${preamble} export class Manager {
    readonly [decoratorServices]!: Pick<DecoratorServices, 'log' | 'failures' | 'migrations'>;
    @errorsOutMigration async m(i: Instance, migration: Migration) {} }`,
  ],
  [
    'services that answer at once or later',
    `${preamble} export class Manager {
    readonly [decoratorServices] = {
      log: { error: () => {}, warn: () => {} },
      failures: { kindOf: () => 'failure' as const },
      faults: { record: async () => {} },
      host: 'host-1',
      events: { start: () => {}, finish: async () => {} },
    };
    @event @wrapInstanceFault async m(i: Instance) {} }`,
  ],
];

/** Only standard decorators can stand on it. */
const privateName = member(`@event async #m(i: Instance) {} check() { return this.#m; }`);

const sources = [...refused.map(([, source]) => source), ...accepted.map(([, source]) => source), privateName];

describe.each(['experimental', 'standard'] as const)('under %s decorators the compiler', (mode) => {
  let diagnosed: ReadonlyMap<string, string>;

  // Once for all of them, and here: on a busy machine it takes longer than a test may.
  beforeAll(() => {
    const diagnostics = diagnose(sources, mode);
    diagnosed = new Map(sources.map((source, index) => [source, diagnostics[index]!.join('\n')]));
  });

  it.each(refused)('refuses %s', (_what, source, text) => {
    expect(diagnosed.get(source)).toContain(text);
  });

  it.each(accepted)('accepts %s', (_what, source) => {
    expect(diagnosed.get(source)).toBe('');
  });

  it('knows whether a #private method can be decorated', () => {
    if (mode === 'standard') expect(diagnosed.get(privateName)).toBe('');
    else expect(diagnosed.get(privateName)).toContain('TS1206');
  });
});
