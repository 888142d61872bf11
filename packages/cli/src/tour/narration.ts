/** What is said before something happens. */
export interface Scene {
  readonly heading: string;
  /** What happens, and why that matters. */
  readonly text: string;
}

export const title = 'Virtkit: one instance, from its first start to its last trace';

/** `hypervisor` completes "The instance of this tour is …". */
export function introduction(hypervisor: string): string {
  return (
    'Virtkit builds, reboots and deletes virtual machines, called instances, for a service in Node.js. Its promise: an ' +
    'operation that fails ends in a known state, says why to the right people, leaks nothing to the others, and is ' +
    `never stuck. The instance of this tour is ${hypervisor}.`
  );
}

export const scenes = {
  build: {
    heading: '1  Build an instance',
    text:
      'A tenant asks for a machine. The request is recorded before it is carried out; every step of it is an event, ' +
      'every change a notification.',
  },
  softReboot: {
    heading: '2  Reboot it, softly',
    text: 'The guest is asked to stop and is started again; one that does not answer is stopped in the end.',
  },
  hardReboot: {
    heading: '3  Reboot it, hard',
    text:
      'The guest is stopped without being asked, and made anew from its record: this is what repairs instances, as ' +
      'will be seen.',
  },
  failure: {
    heading: '4  Its start fails',
    text: 'It is one failure, and it has two readers.',
  },
  repair: {
    heading: '5  The next hard reboot repairs it',
    text: 'Nobody has to mend a record by hand: the tenant asks again.',
  },
  deletion: {
    heading: '6  Delete it',
    text: 'The guest is stopped and removed, with everything the host held for it.',
  },
} as const satisfies Record<string, Scene>;

export const notes = {
  console: 'The guest boots. Its console, as its tenant reads it:',
  afterFailure: 'Nothing is pending and nothing is locked: the tenant may ask again.',
  testsGoOn:
    'What takes more than a look is what the tests do: every driver call and every store write fails, hangs and is ' +
    'aborted in turn, and a new manager takes over from one that died.',
} as const;
