import type { InstanceFault, Notification, OperatorFailure } from '@virtkit/core';
import type { BlockLine, Column } from '../screen/columns.js';
import { printable } from '../screen/printable.js';
import { statesOf, type StepRecord } from './step-record.js';

/** Domain XML and the like: the record has it whole, the screen its beginning. */
const FACT_CHARACTERS_MAX = 100;

export function operatorColumn({ faults, instance, guest, events, notifications }: StepRecord): Column {
  const { disk, kernel, ramdisk } = instance.image.location;
  const image = [disk, kernel, ramdisk].filter((path) => path !== undefined);
  return {
    heading: 'What the operator sees',
    blocks: [
      { label: 'Fault', lines: faults.flatMap(faultLines) },
      {
        label: 'Instance',
        lines: [
          { text: statesOf(instance) },
          { text: `host ${instance.host ?? 'none'}` },
          { text: `image ${image.join(', ')}` },
          { text: `hypervisor: guest ${guest.guest}, power ${guest.powerState}` },
          { text: `the host holds: ${guest.belongings.join(', ') || 'nothing'}` },
        ],
      },
      { label: 'Notification', lines: notificationLines(notifications.at(-1)) },
      { label: 'Event', lines: events.map(({ operator }) => ({ text: tracebackText(operator.traceback) })) },
    ],
  };
}

/** The words of whoever failed first, however many errors were made of them on the way. */
export function hypervisorWords({ operator }: InstanceFault): string {
  return operator.failures.at(-1)?.message ?? '';
}

function faultLines({ code, operator: { host, failures } }: InstanceFault): readonly BlockLine[] {
  const [outermost, ...causes] = failures;
  return [
    { text: `${code} on ${host}`, tone: 'bad' },
    ...causes.map(({ name, message }) => ({ text: printable(`caused by ${name}: ${message}`) })),
    ...(outermost ? factLines(outermost, causes) : []),
  ];
}

/** What was added to the failure, but for the words that its causes have said already. */
function factLines({ facts, suppressed }: OperatorFailure, causes: readonly OperatorFailure[]): readonly BlockLine[] {
  const news = Object.entries(facts).filter(([name]) => name !== 'message' || causes.length === 0);
  return [
    { text: news.map(([name, value]) => `${name} ${shortened(value)}`).join(', '), tone: 'quiet' },
    ...suppressed.map(({ during, failure }) => ({ text: printable(`while ${during}: ${failure.message}`) })),
  ];
}

function notificationLines(last: Notification | undefined): readonly BlockLine[] {
  if (!last?.operator) return [];
  const { method, args } = last.operator;
  return [{ text: `${last.eventType} from ${last.publisher}` }, { text: `${method}, its ${args.length} arguments` }];
}

function tracebackText(traceback: string | null): string {
  return traceback === null ? 'no traceback' : `a traceback of ${traceback.split('\n').length} lines`;
}

function shortened(value: unknown): string {
  const text = printable(typeof value === 'string' ? value : String(JSON.stringify(value)));
  if (text.length <= FACT_CHARACTERS_MAX) return text;
  return `${text.slice(0, FACT_CHARACTERS_MAX)}... (${text.length} characters)`;
}
