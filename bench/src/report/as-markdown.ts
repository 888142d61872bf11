import type { DatedReport, Report, Table } from './report.js';

/** The report as Markdown that also reads well in a terminal. */
export function asMarkdown({ name, question, tables, goals, notes }: Report): string {
  const goalTable: Table = {
    title: 'Goals',
    columns: ['goal', 'measured', 'verdict'],
    rows: goals.map(({ goal, measured, verdict }) => [goal, measured, verdict]),
  };
  const sections = [...tables, ...(goals.length > 0 ? [goalTable] : [])].map(tableAsMarkdown);
  const remarks = notes.map((note) => `- ${note}`).join('\n');
  return [`## ${name}`, question, ...sections, ...(remarks ? [remarks] : [])].join('\n\n') + '\n';
}

/** The same with where and when it was measured. */
export function datedAsMarkdown({ report, measuredAt, machine }: DatedReport): string {
  return `${asMarkdown(report)}\nMeasured ${measuredAt} on ${machine}.\n`;
}

function tableAsMarkdown({ title, columns, rows }: Table): string {
  const widths = columns.map((column, at) =>
    Math.max(3, ...[column, ...rows.map((row) => row[at] ?? '')].map(lengthOf)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, at) => padded(cells[at] ?? '', width, alignmentOf(at))).join(' | ')} |`;
  const rule = widths.map((width, at) =>
    alignmentOf(at) === 'left' ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [`### ${title}`, '', line(columns), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

function alignmentOf(column: number): 'left' | 'right' {
  return column === 0 ? 'left' : 'right';
}

function padded(cell: string, width: number, alignment: 'left' | 'right'): string {
  const padding = ' '.repeat(width - lengthOf(cell));
  return alignment === 'left' ? cell + padding : padding + cell;
}

function lengthOf(cell: string): number {
  return [...cell].length;
}
