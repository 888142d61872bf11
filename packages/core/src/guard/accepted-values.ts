/** What a driver, a provider or a store may say of the values that it accepts. A number may stand for each `N`. */
const acceptedValues: readonly string[] = [
  'another value',
  'nothing',
  'at most N',
  'at most N characters',
  'at most N interfaces',
  'a whole number, at least N',
  'N or more',
  'a uuid',
  'a uuid in lower case',
  'up to N letters, digits, - and _',
  'six lower-case hex bytes between colons',
  'a lower-case MAC address',
  'the name of a bridge',
  'the id of a network',
  'an address that no interface has',
  'an id that no image has',
  'an id that no volume has',
  'a disk or a kernel',
  'what JSON can say',
];

const known: ReadonlySet<string> = new Set(acceptedValues);

/** Stands in the place of words that are not in the table: the operator finds those in the cause. */
export const ANOTHER_VALUE = 'another value';

export function isAcceptedValue(text: string): boolean {
  return text.length <= 80 && known.has(text.replace(/\b\d{1,15}\b/g, 'N'));
}
