import type { Net } from './net.js';

const door = 'packages/core/src/requests/door.ts';
const requests = 'packages/core/test/create-requests.test.ts';
const answers = 'packages/core/test/driver-answers.test.ts';
const contexts = 'packages/core/test/request-context.test.ts';

export const nets: readonly Net[] = [
  {
    cases: ['B1'],
    without: 'a role that is left out is a tenant’s',
    test: contexts,
    title: 'a context whose role is left out is a tenant’s: undefined',
    edits: [
      {
        file: 'packages/core/src/model/request-context.ts',
        from: "requestId, role = 'tenant', actionUuid }",
        to: "requestId, role = 'admin', actionUuid }",
      },
    ],
  },
  {
    cases: ['B1'],
    without: 'contexts are checked at the door',
    test: contexts,
    title: 'a context that changes while it is read is refused when it cannot be read',
    edits: [{ file: door, from: 'checkedContext(context)', to: 'context as RequestContext' }],
  },
  {
    cases: ['B2'],
    without: 'describing images and interfaces is an operator’s',
    test: requests,
    title: 'what names files and devices of the host is an operator’s: the file of an image',
    edits: [
      {
        file: 'packages/core/src/api/compute-api.ts',
        from: "if (hostResources === 'operators') {",
        to: 'if (!context) {',
      },
    ],
  },
  {
    cases: ['B8'],
    without: 'a stop asks the guest first',
    test: requests,
    title: 'a stop asks the guest first',
    edits: [
      {
        file: 'packages/core/src/requests/shutdown-parameters.ts',
        from: 'gracePeriodMs = shutdownTimeoutMs',
        to: 'gracePeriodMs = 0 * shutdownTimeoutMs',
      },
    ],
  },
  {
    cases: ['C22'],
    without: 'unknown fields of a configuration are refused',
    test: 'packages/core/test/create-compute.test.ts',
    title: 'a configuration with a field that nobody knows is refused, and the nearest one named: {"sesion":{}}',
    edits: [
      { file: 'packages/core/src/model/known-fields.ts', from: 'return z.strictObject(', to: 'return z.object(' },
    ],
  },
  {
    cases: ['C26'],
    without: 'definitions of drivers are checked',
    test: 'packages/core/test/create-compute.test.ts',
    title: 'a driver that is none is refused at the start, by name: namesakes',
    edits: [
      {
        file: 'packages/core/src/composition/host-options.ts',
        from: '  checkDriverDefinitions(drivers);\n',
        to: '',
      },
    ],
  },
  {
    cases: ['E3'],
    without: 'a request without networks gets the default network',
    test: requests,
    title: 'a request without networks gets the default network',
    edits: [{ file: 'packages/core/src/api/compute-api.ts', from: 'networks: [{}] }', to: 'networks: [] }' }],
  },
  {
    cases: ['E6'],
    without: 'an image is compared with the flavor when it is requested',
    test: requests,
    title:
      'a request that cannot be met is refused before anything is written: a flavor with less memory than the image needs',
    edits: [
      { file: 'packages/core/src/api/compute-api.ts', from: '      checkFlavorFitsImage(flavor, image);\n', to: '' },
    ],
  },
  {
    cases: ['E11'],
    without: 'the checked request is compared, whatever the order of its fields',
    test: requests,
    title: 'a request that is sent again under its idempotency key is the same with its fields in another order',
    edits: [
      {
        file: 'packages/core/src/requests/request-digest.ts',
        from: 'JSON.stringify(request, inOrder)',
        to: 'JSON.stringify(request) + performance.now()',
      },
    ],
  },
  {
    cases: ['B5'],
    without: 'the cause of what the API throws is put away',
    test: 'packages/core/test/errors-outside.test.ts',
    title: 'an error that the public API throws shows nothing of its host, however it is printed or cloned: words',
    edits: [{ file: door, from: '  hideCause(error);\n', to: '' }],
  },
  {
    cases: ['B7'],
    without: 'a refusal is no alarm',
    test: 'packages/core/test/errors-outside.test.ts',
    title: 'a request that is refused is no alarm: no exception is notified, and no error is logged',
    edits: [
      {
        file: 'packages/core/src/recorders/exception-notifier.ts',
        from: 'if (isCallersFault(failure)) {',
        to: 'if (context === null && isCallersFault(failure)) {',
      },
    ],
  },
  {
    cases: ['C10'],
    without: 'the shape of answers is checked at the guard',
    test: answers,
    title:
      'an answer of another shape than the contract’s is the driver’s fault, and told to the operator: getVncConsole {"socketPath":"relative"}',
    edits: [
      {
        file: 'packages/core/src/guard/guarded-driver.ts',
        from: 'return this.#checked(method, instanceUuid, settled.value);',
        to: 'return settled.value;',
      },
    ],
  },
  {
    cases: ['B6'],
    without: 'details of errors are checked at the guard',
    test: answers,
    title:
      'an error of a driver whose details say more than a tenant may read is INTERNAL when its text or its code was changed',
    edits: [
      {
        file: 'packages/core/src/guard/guarded-driver.ts',
        from: '? fittingFailure(settled.reason, { method, instanceUuid, args: [request] })',
        to: '? settled.reason',
      },
    ],
  },
  {
    cases: ['B4', 'C11'],
    without: 'arguments are checked at the door',
    test: 'packages/core/test/wrong-arguments.test.ts',
    title: 'the public methods refuse what is wrong in any parameter before anything is written: ComputeApi.stop',
    edits: [{ file: door, from: 'checkedRequest(schema, args[index], parameter)', to: 'args[index]' }],
  },
  {
    cases: ['D11'],
    without: 'a uuid without dashes is the uuid',
    test: 'packages/core/test/compute-api.test.ts',
    title: 'the uuid of an instance may come without dashes, and is on record as all are',
    edits: [
      {
        file: 'packages/core/src/requests/fields.ts',
        from: "text.toLowerCase().replace(uuidPattern, '$1-$2-$3-$4-$5')",
        to: 'text.toLowerCase()',
      },
    ],
  },
  {
    cases: ['D11'],
    without: 'the chunks of a stream are looked at',
    test: 'packages/providers-local/test/images.test.ts',
    title: 'an image that is added is refused as a stream of texts, and nothing is left',
    edits: [{ file: 'packages/providers-local/src/images/copy-in.ts', from: '      requireBytes(chunk);\n', to: '' }],
  },
];
