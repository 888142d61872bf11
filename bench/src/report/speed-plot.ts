import type { DatedReport, Table } from './report.js';

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
  return framed(parts, y + 34);
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

function text({ x, y, content, kind }: { x: number; y: number; content: string; kind: string }): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text class="${kind}" x="${x}" y="${y}">${escaped}</text>`;
}

function framed(parts: readonly string[], height: number): string {
  const style =
    'text{font:13px sans-serif;fill:#24292f}.title{font-weight:bold}.note{font-size:11px;fill:#57606a}' +
    '.ours{fill:#1f6feb}.other{fill:#afb8c1}.paper{fill:#fff}';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 0 ${WIDTH + 20} ${height}" role="img">`,
    `<style>${style}</style>`,
    `<rect class="paper" x="-10" width="${WIDTH + 20}" height="${height}"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}
