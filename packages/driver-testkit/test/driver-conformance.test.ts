import { describe, expect, it } from 'vitest';
import { driverConformance, failuresOf, unprovenRules } from '../src/index.js';
import { allRules } from '../src/rules/all-rules.js';
import { abilitiesWithoutRules } from '../src/suite/applicable-rules.js';
import { minimalSubject } from './minimal-subject.js';

driverConformance({ describe, it }, minimalSubject());

/** The names of the tests that the suite defines for a subject. */
function definedTests(subject: ReturnType<typeof minimalSubject>): readonly string[] {
  const names: string[] = [];
  driverConformance({ describe: (_name, define) => define(), it: (name) => names.push(name) }, subject);
  return names;
}

describe('the conformance suite', () => {
  it('names every rule once', () => {
    const names = allRules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('defines every rule for a driver that can do all and can be brought into every trouble', () => {
    expect(definedTests(minimalSubject())).toEqual(allRules.map(({ name }) => name));
    expect(unprovenRules(minimalSubject())).toEqual([]);
  });

  it('leaves out the rules of abilities that a driver does not declare', () => {
    const names = definedTests({ ...minimalSubject(), capabilities: { power: true } });
    expect(names).toContain('powerOff leaves the guest SHUTDOWN');
    expect(names.filter((name) => /suspend|resume|pause|reboot/i.test(name))).toEqual([]);
  });

  it('lists the rules whose trouble is declared unprovable, with the reason, and does not run them', () => {
    const subject = minimalSubject();
    const because = 'nobody can lose a guest here';
    const partial = { ...subject, troubles: { ...subject.troubles, loseGuest: { unprovenBecause: because } } };
    const unproven = allRules.filter(({ troubles }) => troubles.includes('loseGuest')).map(({ name }) => name);
    expect(unproven.length).toBeGreaterThan(2);
    expect(unprovenRules(partial)).toEqual(unproven.map((rule) => ({ rule, because })));
    expect(definedTests(partial).filter((name) => unproven.includes(name))).toEqual([]);
  });

  it('fails the rules whose trouble is merely missing, and says what to do', async () => {
    const subject = minimalSubject();
    const { loseGuest: _, ...others } = subject.troubles;
    const failures = await failuresOf((runner) => driverConformance(runner, { ...subject, troubles: others }));
    const unproven = allRules.filter(({ troubles }) => troubles.includes('loseGuest')).map(({ name }) => name);
    expect(failures.map(({ test }) => test)).toEqual(unproven);
    expect(String(failures[0]?.failure)).toContain('troubles.loseGuest is missing');
  });

  it('lists abilities for which it has no rules', () => {
    const rules = allRules.filter(({ needs }) => !needs.includes('snapshot'));
    expect(abilitiesWithoutRules(minimalSubject(), rules)).toEqual([
      { rule: 'snapshot', because: 'the suite has no rules for this ability' },
    ]);
  });

  it('says which call hangs when a rule takes too long', async () => {
    const hanging = minimalSubject((driver) => {
      driver.pause = () => new Promise(() => {});
    });
    const failures = await failuresOf((runner) => driverConformance(runner, { ...hanging, ruleTimeoutMs: 200 }));
    const pause = failures.find(({ test }) => test === 'pause leaves the guest PAUSED');
    expect(String(pause?.failure)).toContain('took more than 200 ms. Under way: pause.');
  });

  it('fails a rule whose host cannot be discarded', async () => {
    const subject = { ...minimalSubject(), discardHost: () => Promise.reject(new Error('a guest is left')) };
    const failures = await failuresOf((runner) => driverConformance(runner, subject));
    expect(failures.length).toBe(allRules.length);
  });
});
