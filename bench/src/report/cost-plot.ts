import type { DatedReport, Table } from './report.js';
import { picture, text } from './svg.js';

const WIDTH = 760;
const LEFT = 50;
const TOP = 44;
const PLOT_WIDTH = 410;
const PLOT_HEIGHT = 250;
const LEGEND_X = LEFT + PLOT_WIDTH + 24;
const colours = ['#1f6feb', '#8250df', '#1a7f37', '#bf3989'] as const;

/** Where values stand on an axis whose steps are powers of ten. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly length: number;
}

/**
 * A table of costs as curves, in SVG: a row is a curve, the columns behind the first are sizes (`1,000 instances`), both axes are
 * logarithmic. A cost that does not grow with the size runs level, or falls.
 */
export function costPlot({ report, measuredAt, machine }: DatedReport, title: string): string {
  const table = report.tables.find((each) => each.title === title);
  if (!table) throw new Error(`The report ${report.name} has no table ${title}.`);
  const sizes = table.columns.slice(1).map(numberIn);
  const costs = table.rows.flatMap((row) => row.slice(1).map(numberIn));
  const x: Axis = { from: Math.min(...sizes), to: Math.max(...sizes), start: LEFT, length: PLOT_WIDTH };
  const y: Axis = {
    from: powerBelow(Math.min(...costs)),
    to: powerAbove(Math.max(...costs)),
    start: TOP + PLOT_HEIGHT,
    length: -PLOT_HEIGHT,
  };
  const parts = [
    text({ x: 0, y: 20, content: `${title}, by instances on the host`, kind: 'title' }),
    ...powersIn(y).map((cost) => level(cost, at(y, cost))),
    ...sizes.map((size) =>
      text({ x: at(x, size) - 16, y: TOP + PLOT_HEIGHT + 18, content: size.toLocaleString('en'), kind: 'tick' }),
    ),
    ...table.rows.flatMap((row, nth) => curve(row, nth, { sizes, x, y })),
    text({ x: 0, y: TOP + PLOT_HEIGHT + 44, content: `Measured ${measuredAt} on ${machine}.`, kind: 'note' }),
  ];
  return picture(WIDTH, TOP + PLOT_HEIGHT + 56, parts);
}

function curve(
  row: Table['rows'][number],
  nth: number,
  { sizes, x, y }: { sizes: readonly number[]; x: Axis; y: Axis },
): readonly string[] {
  const [name = '', ...costs] = row;
  const colour = colours[nth % colours.length] ?? colours[0];
  const points = costs.map((cost, index) => [at(x, sizes[index] ?? x.from), at(y, numberIn(cost))] as const);
  const line = points.map(([left, top]) => `${left},${top}`).join(' ');
  const legendY = TOP + 16 + nth * 24;
  return [
    `<polyline class="curve" stroke="${colour}" points="${line}"/>`,
    ...points.map(([left, top]) => `<circle cx="${left}" cy="${top}" r="3.5" fill="${colour}"/>`),
    `<rect x="${LEGEND_X}" y="${legendY - 9}" width="12" height="10" fill="${colour}"/>`,
    text({ x: LEGEND_X + 20, y: legendY, content: name, kind: 'row' }),
  ];
}

function level(cost: number, top: number): string {
  const line = `<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${top}" y2="${top}"/>`;
  return line + text({ x: 0, y: top + 4, content: cost.toLocaleString('en'), kind: 'tick' });
}

function at({ from, to, start, length }: Axis, value: number): number {
  return Math.round(start + (length * Math.log(value / from)) / Math.log(to / from));
}

function powersIn({ from, to }: Axis): readonly number[] {
  const count = Math.round(Math.log10(to / from));
  return Array.from({ length: count + 1 }, (_, power) => from * 10 ** power);
}

function powerBelow(value: number): number {
  return 10 ** Math.floor(Math.log10(value));
}

function powerAbove(value: number): number {
  return 10 ** Math.ceil(Math.log10(value));
}

/** `10,000 instances` → 10000 */
function numberIn(cell: string): number {
  return Number.parseFloat(cell.replaceAll(',', ''));
}
