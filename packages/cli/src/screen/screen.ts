import { columns, type Column } from './columns.js';
import { facts, type Fact } from './facts.js';
import { painted } from './palette.js';
import { printable } from './printable.js';
import { emptyRow, indented, row, type Row, type Tone } from './row.js';
import type { Terminal } from './terminal.js';
import { wrap } from './wrap.js';

const INDENT = 3;

/** Long lines of prose are hard to read, however wide the terminal is. */
const PROSE_WIDTH_MAX = 100;

type Part = 'heading' | 'paragraph' | 'note' | 'facts' | 'columns' | 'quote';

/** What stands together, without an empty line between. */
const together: readonly (readonly [above: Part, below: Part])[] = [
  ['heading', 'paragraph'],
  ['note', 'note'],
  ['note', 'quote'],
];

/** Writes what the tour has to say, line by line and never back. */
export class Screen {
  readonly #terminal: Terminal;
  readonly #write: (text: string) => void;
  #above: Part | undefined;

  constructor(terminal: Terminal, write: (text: string) => void) {
    this.#terminal = terminal;
    this.#write = write;
  }

  heading(text: string): void {
    this.#print('heading', this.#prose(text, 'strong'));
  }

  paragraph(text: string): void {
    this.#print('paragraph', this.#prose(text, 'plain'));
  }

  /** For those who wait, and in passing. */
  note(text: string): void {
    this.#print('note', this.#prose(text, 'quiet'));
  }

  facts(list: readonly Fact[]): void {
    this.#print('facts', this.#inset(facts(list, this.#terminal.width - INDENT)));
  }

  columns(left: Column, right: Column): void {
    this.#print('columns', this.#inset(columns(left, right, this.#terminal.width - INDENT)));
  }

  /** Somebody else's lines, cut at the edge of the screen. */
  quote(lines: readonly string[]): void {
    const width = this.#terminal.width - INDENT;
    this.#print('quote', this.#inset(lines.map((line) => row(printable(line).slice(0, width)))));
  }

  #prose(text: string, tone: Tone): readonly Row[] {
    return wrap(text, Math.min(this.#terminal.width, PROSE_WIDTH_MAX)).map((line) => row(line, tone));
  }

  #inset(rows: readonly Row[]): readonly Row[] {
    return rows.map((line) => indented(line, INDENT));
  }

  #print(part: Part, rows: readonly Row[]): void {
    const above = this.#above;
    this.#above = part;
    const isApart = above !== undefined && !together.some((pair) => pair[0] === above && pair[1] === part);
    for (const line of isApart ? [emptyRow, ...rows] : rows) {
      this.#write(`${painted(line, this.#terminal.palette)}\n`);
    }
  }
}
