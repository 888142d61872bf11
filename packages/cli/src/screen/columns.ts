import { emptyRow, row, widthOf, type Row, type Tone } from './row.js';
import { wrap } from './wrap.js';

/** A labelled part of a column. */
interface Block {
  readonly label: string;
  readonly lines: readonly BlockLine[];
}

export interface BlockLine {
  readonly text: string;
  /** Default `plain`. */
  readonly tone?: Tone;
}

export interface Column {
  readonly heading: string;
  readonly blocks: readonly Block[];
}

/** A terminal of 80 columns and its margin. Below it the halves would be too narrow to read. */
const SIDE_BY_SIDE_WIDTH_MIN = 76;

const DIVIDER = ' │ ';

/**
 * Two columns side by side, in `width` characters, the nth blocks of both beginning on the same line; one below the other
 * where the width does not allow it.
 */
export function columns(left: Column, right: Column, width: number): readonly Row[] {
  if (width < SIDE_BY_SIDE_WIDTH_MIN) return [...column(left, width), emptyRow, ...column(right, width)];
  const leftWidth = Math.floor((width - DIVIDER.length) / 2);
  const rightWidth = width - DIVIDER.length - leftWidth;
  const rows = beside([row(left.heading, 'strong')], [row(right.heading, 'strong')], leftWidth);
  const blockCount = Math.max(left.blocks.length, right.blocks.length);
  for (let index = 0; index < blockCount; index += 1) {
    rows.push(...beside([emptyRow], [emptyRow], leftWidth));
    rows.push(...beside(block(left.blocks[index], leftWidth), block(right.blocks[index], rightWidth), leftWidth));
  }
  return rows;
}

function column({ heading, blocks }: Column, width: number): readonly Row[] {
  return [row(heading, 'strong'), ...blocks.flatMap((each) => [emptyRow, ...block(each, width)])];
}

function block(content: Block | undefined, width: number): readonly Row[] {
  if (content === undefined) return [];
  const lines = content.lines.flatMap(({ text, tone }) => wrap(text, width).map((line) => row(line, tone)));
  return [row(content.label, 'quiet'), ...lines];
}

function beside(left: readonly Row[], right: readonly Row[], leftWidth: number): Row[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const first = left[index] ?? emptyRow;
    const gap = row(' '.repeat(leftWidth - widthOf(first)));
    return [...first, ...gap, ...row(DIVIDER, 'quiet'), ...(right[index] ?? emptyRow)];
  });
}
