/** What a line of text in a plot is. */
type TextKind = 'title' | 'row' | 'note' | 'tick';

export interface PlottedText {
  readonly x: number;
  readonly y: number;
  readonly content: string;
  readonly kind: TextKind;
}

const style =
  'text{font:13px sans-serif;fill:#24292f}.title{font-weight:bold}.note,.tick{font-size:11px;fill:#57606a}' +
  '.ours{fill:#1f6feb}.other{fill:#afb8c1}.paper{fill:#fff}.grid{stroke:#d0d7de}.curve{fill:none;stroke-width:2}';

const MARGIN = 10;

export function text({ x, y, content, kind }: PlottedText): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escaped(content)}</text>`;
}

/** A picture of its own, on white paper: dark pages show it too. */
export function picture(width: number, height: number, parts: readonly string[]): string {
  const wide = width + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-${MARGIN} 0 ${wide} ${height}" role="img">`,
    `<style>${style}</style>`,
    `<rect class="paper" x="-${MARGIN}" width="${wide}" height="${height}"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
