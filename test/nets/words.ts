import type { Net } from './net.js';

const guard = 'packages/core/src/guard';
const foreign = 'packages/core/test/foreign-words.test.ts';
const answers = 'packages/core/test/provider-answers.test.ts';
const outside = 'packages/core/test/errors-outside.test.ts';

export const nets: readonly Net[] = [
  {
    cases: ['B6'],
    without: 'the details of a store’s errors are checked',
    test: foreign,
    title: 'a store that puts its words into what it throws shows a tenant none of them: plain words as a volume',
    edits: [
      {
        file: `${guard}/guarded-store.ts`,
        from: 'throw reason === signal?.reason ? reason : fittingFailure(reason, { method, args });',
        to: 'throw reason;',
      },
    ],
  },
  {
    cases: ['B6'],
    without: 'the reasons of what is not supported are a closed set',
    test: foreign,
    title: 'a driver that puts its words into what it throws shows a tenant none of them: plain words as a reason',
    edits: [
      {
        file: `${guard}/closed-details.ts`,
        from: "'NOT_SUPPORTED.reason': keyOf(unsupportedReasons),",
        to: "'NOT_SUPPORTED.reason': () => true,",
      },
    ],
  },
  {
    cases: ['B6'],
    without: 'what a provider accepts is from a closed set',
    test: foreign,
    title:
      'a volume provider that puts its words into what it throws shows a tenant none of them: plain words as what is accepted',
    edits: [
      { file: `${guard}/accepted-values.ts`, from: 'text.length <= 80 && known', to: 'text.length > 0 || known' },
    ],
  },
  {
    cases: ['B6'],
    without: 'nothing hangs on an error that leaves a guard',
    test: foreign,
    title: 'a driver that puts its words into what it throws shows a tenant none of them: one field more',
    edits: [{ file: `${guard}/foreign-error.ts`, from: 'return isOurs && failure.name', to: 'return failure.name' }],
  },
  {
    cases: ['B6'],
    without: 'an error keeps its words once it has left a guard',
    test: foreign,
    title: 'a driver that puts its words into what it throws cannot change its words afterwards',
    edits: [{ file: `${guard}/fitting-failure.ts`, from: '  Object.freeze(failure.details);\n', to: '' }],
  },
  {
    cases: ['B6'],
    without: 'what is thrown is readable once it has left a guard',
    test: foreign,
    title: 'a driver that puts its words into what it throws shows a tenant none of them: a proxy that throws',
    edits: [{ file: `${guard}/settle.ts`, from: 'reason: readableFailure(reason)', to: 'reason' }],
  },
  {
    cases: ['B6', 'C10'],
    without: 'the answers of providers are checked',
    test: answers,
    title:
      'an answer of a provider of another shape is the provider’s fault, and told to the operator: networks.allocate (12)',
    edits: [
      {
        file: `${guard}/guarded-provider.ts`,
        from: 'const answer = checkedAnswer(providerAnswers[name], method, end.value);',
        to: 'const answer = end.value;',
      },
    ],
  },
  {
    cases: ['B6', 'C10'],
    without: 'an answer is read once',
    test: answers,
    title: 'an answer of a provider is read once: what it says the second time is never heard',
    edits: [
      { file: `${guard}/checked-answer.ts`, from: 'return check(copy) ? copy', to: 'return check(copy) ? answer' },
    ],
  },
  {
    cases: ['B7'],
    without: 'a caller’s own fault is no alarm',
    test: outside,
    title: 'an accepted action that fails by its caller’s fault is no alarm: FLAVOR_TOO_SMALL',
    edits: [
      {
        file: 'packages/core/src/recorders/exception-notifier.ts',
        from: 'if (isCallersFault(failure)) {',
        to: 'if (isCallersFault(failure) && context?.actionUuid === undefined) {',
      },
    ],
  },
  {
    cases: ['B7'],
    without: 'what fails after a caller’s fault is an alarm',
    test: outside,
    title:
      'an accepted action that fails by anybody else’s is one: ComputeError: pause is not supported here: this guest cannot do it.',
    edits: [
      {
        file: 'packages/core/src/recorders/callers-fault.ts',
        from: 'suppressedFailuresOf(failure).every(({ failure: secondary }) => isCallersFault(secondary))',
        to: 'suppressedFailuresOf(failure).length >= 0',
      },
    ],
  },
  {
    cases: ['D6'],
    without: 'the image of a rebuild and of a rescue is asked about at the request',
    test: 'packages/core/test/honoured-properties.test.ts',
    title:
      'what a flavor or an image asks for of the image of a rescue is refused at the request, before anything is written: {"hw_firmware_type":"uefi"}',
    edits: [
      {
        file: 'packages/core/src/api/repair-api.ts',
        from: 'requireHonoured(await target.honoured(), { image });',
        to: '',
      },
    ],
  },
];
