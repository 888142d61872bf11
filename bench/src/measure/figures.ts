import type { Spread } from './spread.js';

/** A number with three digits that mean something, and thousands apart: `12,300`, `1.43`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumFractionDigits: 4 });
}

/** `1.43 (1.38–1.71)`: the median and the quartiles. */
export function spreadFigure({ median, lowerQuartile, upperQuartile }: Spread): string {
  return `${figure(median)} (${figure(lowerQuartile)}–${figure(upperQuartile)})`;
}
