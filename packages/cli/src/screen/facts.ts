import type { BlockLine } from './columns.js';
import { indented, row, type Row } from './row.js';
import { wrap } from './wrap.js';

/** A text and what it is. */
export interface Fact extends BlockLine {
  readonly label: string;
}

const LABEL_WIDTH = 15;

/** The labels in one narrow column, what they stand for in another. */
export function facts(list: readonly Fact[], width: number): readonly Row[] {
  return list.flatMap(({ label, text, tone }) =>
    wrap(text, width - LABEL_WIDTH).map((line, index) =>
      index === 0
        ? [...row(label.padEnd(LABEL_WIDTH), 'quiet'), ...row(line, tone)]
        : indented(row(line, tone), LABEL_WIDTH),
    ),
  );
}
