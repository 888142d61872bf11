import type { DatedReport, Table } from './report.js';
import { picture, text } from './svg.js';

const WIDTH = 760;
const LABEL_WIDTH = 290;
const BAR_HEIGHT = 18;
const ROW_HEIGHT = 24;
const TITLE_HEIGHT = 34;
const VALUE_WIDTH = 60;
const TABLES_MAX = 3;

/** The first three tables of a report as bars, in SVG: of each row the ratio in the third column. */
export function speedPlot({ report, measuredAt, machine }: DatedReport): string {
  const tables = report.tables.slice(0, TABLES_MAX);
  const largest = Math.max(1, ...tables.flatMap(({ rows }) => rows.map(ratioIn)));
  const parts: string[] = [];
  let y = 0;
  for (const table of tables) {
    parts.push(text({ x: 0, y: y + 22, content: `${table.title}: ${table.columns[2] ?? ''}`, kind: 'title' }));
    y += TITLE_HEIGHT;
    for (const row of table.rows) {
      parts.push(...bar(row, y, largest));
      y += ROW_HEIGHT;
    }
  }
  parts.push(text({ x: 0, y: y + 24, content: `Measured ${measuredAt} on ${machine}.`, kind: 'note' }));
  return picture(WIDTH, y + 34, parts);
}

function bar(row: Table['rows'][number], y: number, largest: number): readonly string[] {
  const [name = ''] = row;
  const ratio = ratioIn(row);
  const length = Math.round(((WIDTH - LABEL_WIDTH - VALUE_WIDTH) * ratio) / largest);
  const kind = name.startsWith('@virtkit/') ? 'ours' : 'other';
  const middle = y + BAR_HEIGHT - 5;
  return [
    text({ x: 0, y: middle, content: name, kind: 'row' }),
    `<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${length}" height="${BAR_HEIGHT}"/>`,
    text({ x: LABEL_WIDTH + length + 6, y: middle, content: String(ratio), kind: 'row' }),
  ];
}

/** `0.97 (0.9–1.02)` → 0.97 */
function ratioIn(row: Table['rows'][number]): number {
  return Number.parseFloat(row[2] ?? '') || 0;
}
