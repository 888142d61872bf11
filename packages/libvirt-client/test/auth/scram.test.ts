import { describe, expect, it } from 'vitest';
import { SaslError } from '../../src/auth/sasl-mechanism.js';
import { Scram } from '../../src/auth/scram.js';

const user = { username: 'user', password: 'pencil' };

/** The exchanges that RFC 5802, section 5, and RFC 7677, section 3, print. */
const published = [
  {
    hash: 'sha1',
    nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverFirst: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    clientFinal: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    serverFinal: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    hash: 'sha256',
    nonce: 'rOprNGfwEbeRWgbNEkqO',
    serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    clientFinal:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
] as const;
const example = published[1];

async function answered(serverFirst: string): Promise<Scram> {
  const scram = new Scram('sha256', user, example.nonce);
  scram.begin();
  await scram.respond(Buffer.from(serverFirst));
  return scram;
}

describe('SCRAM', () => {
  it.each(published)('with $hash says what the RFC prints, and takes its signature', async (exchange) => {
    const scram = new Scram(exchange.hash, user, exchange.nonce);
    expect(String(scram.begin())).toBe(`n,,n=user,r=${exchange.nonce}`);
    expect(String(await scram.respond(Buffer.from(exchange.serverFirst)))).toBe(exchange.clientFinal);
    expect(scram.isSatisfied).toBe(false);
    expect(await scram.respond(Buffer.from(exchange.serverFinal))).toBeNull();
    expect(scram.isSatisfied).toBe(true);
  });

  it('writes a name with its two special characters so that they mean themselves, and another nonce each time', () => {
    const begin = (): string => String(new Scram('sha256', { username: 'a=b,c', password: 'x' }).begin());
    expect(begin()).toMatch(/^n,,n=a=3Db=2Cc,r=[A-Za-z0-9+/]{32}$/);
    expect(begin()).not.toBe(begin());
  });

  it.each([
    ['is empty', '', 'none of SCRAM'],
    ['has another nonce', example.serverFirst.replace('r=rO', 'r=xx'), 'did not add to our nonce'],
    ['has our nonce only', `r=${example.nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`, 'did not add to our nonce'],
    ['wants an extension', `m=x,${example.serverFirst}`, 'none of SCRAM'],
    ['wants too few iterations', example.serverFirst.replace('4096', '1'), '1 iterations; accepted are 4096 to'],
    ['wants too many iterations', example.serverFirst.replace('4096', '999999999'), '999999999 iterations'],
    ['wants more than a number', example.serverFirst.replace('4096', '99999999999999'), 'none of SCRAM'],
  ])('refuses a first message that %s', async (_, serverFirst, problem) => {
    const refusal = answered(serverFirst);
    await expect(refusal).rejects.toBeInstanceOf(SaslError);
    await expect(refusal).rejects.toThrow(problem);
  });

  it.each([
    ['another signature', `v=${Buffer.alloc(32).toString('base64')}`, 'does not know the password'],
    ['half a signature', 'v=6rriTRBi', 'does not know the password'],
    ['no signature', 'hello', 'none of SCRAM'],
    ['an error', 'e=invalid-proof', 'refused our proof: invalid-proof'],
  ])('refuses %s at the end', async (_, serverFinal, problem) => {
    const scram = await answered(example.serverFirst);
    await expect(scram.respond(Buffer.from(serverFinal))).rejects.toThrow(problem);
    expect(scram.isSatisfied).toBe(false);
  });

  it('has no more to say after the end', async () => {
    const scram = await answered(example.serverFirst);
    await scram.respond(Buffer.from(example.serverFinal));
    await expect(scram.respond(Buffer.from('v=x'))).rejects.toThrow('asked for more');
  });
});
