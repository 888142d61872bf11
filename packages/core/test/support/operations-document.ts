import { format } from 'prettier';
import { decoratedMethods } from '../../scripts/decorated-methods.mjs';
import { novaCoverage } from '../../src/model/nova-coverage.js';
import { operationNames, operations } from '../../src/model/operation-table.js';
import type { DriverStep } from '../../src/model/operations/operation.js';
import { novaMethods } from './nova-methods.js';

const methods = decoratedMethods();

/** OPERATIONS.md as the operation table, the sources of the families and the table of Nova's methods have it. */
export async function operationsDocument(): Promise<string> {
  const text = `# Operations

Made from the operation table and the sources by \`test/operations-document.test.ts\`; \`vitest run operations-document -u\` writes it anew.

## What every operation does

${table(
  [
    'Operation',
    'Method',
    'Decorators',
    'From vm states',
    'Over',
    'Task states',
    'Driver calls',
    'To take back',
    'Goal',
    'After a failure',
    'Recovery',
  ],
  operationNames.map((name) => operationCells(name)),
)}

## From state to state

Operations that leave the vm state as it was are left out, as are \`terminate\`, which leads from everywhere to \`deleted\`, and failures.

\`\`\`mermaid
stateDiagram-v2
${diagram()}
\`\`\`

## Nova's ${Object.keys(novaMethods).length} decorated methods

E \`wrap_exception\`, R \`reverts_task_state\`, V \`wrap_instance_event\`, F \`wrap_instance_fault\`, M \`errors_out_migration\`,
D \`delete_image_on_error\`, X \`expected_exceptions\`, T \`skip_automatic_rpc_tracking\`; outermost first.

${table(
  ['Nova', 'Decorators there', 'Here'],
  Object.entries(novaMethods).map(([method, decorators]) => [code(method), decorators, placeOf(method)]),
)}
`;
  return await format(text, { parser: 'markdown', printWidth: 120 });
}

function operationCells(name: (typeof operationNames)[number]): readonly string[] {
  const row = operations[name];
  const { method, vmStates, overTaskStates, taskStates, driverCalls, undoCalls } = row;
  const { goal, afterFailure, failedVmState, recovery } = row;
  const owner = methods.find((each) => each.name === method);
  return [
    code(name),
    code(owner ? `${owner.className}.${method}` : method),
    owner?.decorators.map(code).join(', ') ?? '',
    vmStates.join(', '),
    overTaskStates === 'any' ? 'any' : overTaskStates.join(', ') || 'none',
    taskStates.join(' → '),
    driverCalls.map(stepOf).join(', '),
    undoCalls.map(code).join(', '),
    `${goal.vmState} / ${goal.powerState}`,
    `${afterFailure}; vm state ${failedVmState === 'error' ? 'as seen, or error' : 'as seen, or unchanged'}`,
    recovery,
  ];
}

function stepOf(step: DriverStep): string {
  if (typeof step === 'string') return code(step);
  const cases = Object.entries(step).map(([words, calls]) => `${words}: ${calls.map(code).join(', ') || 'nothing'}`);
  return `(${cases.join('; ')})`;
}

/** The edges between vm states; those of `by-power-state` lead to where a guest usually is. */
function diagram(): string {
  const idOf = (state: string): string => state.replaceAll('-', '_');
  const edges = operationNames.flatMap((name) => {
    const { vmStates, goal } = operations[name];
    if (name === 'terminate' || goal.vmState === 'unchanged') return [];
    const ends = goal.vmState === 'by-power-state' ? ['active', 'stopped'] : [goal.vmState];
    return vmStates.flatMap((from) =>
      ends.filter((to) => to !== from).map((to) => ({ edge: `${idOf(from)} --> ${idOf(to)}`, name })),
    );
  });
  const labels = Map.groupBy(edges, ({ edge }) => edge);
  const lines = [...labels].map(([edge, each]) => `  ${edge}: ${each.map(({ name }) => name).join(', ')}`);
  return ['  [*] --> building', ...lines, '  deleted --> [*]'].join('\n');
}

function placeOf(method: string): string {
  const place = novaCoverage[method];
  if (place) return place.here === null ? `left out: ${place.because}` : code(place.here);
  const here = operationNames.filter((name) => operations[name].nova.includes(method));
  return `operation ${here.map(code).join(', ')}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
