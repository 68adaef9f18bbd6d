import { type Figure, isMet } from './figure.ts';
import type { Spread } from './statistics.ts';

export const HEADER = ['', '', 'hop', 'peer', 'ratio', 'goal'] as const;

/** A figure as one row of the table. */
export function rowOf(name: string, figure: Figure): string[] {
  const { what, unit, hop, peer, ratio, goal } = figure;
  return [
    `${name}: ${what}`,
    unit,
    format(hop),
    peer ? `${peer.name} ${format(peer.value)}` : '',
    ratio ? format(ratio) : '',
    goal ? `${goal.is} ${number(goal.value)}${isMet(figure) ? ' ✓' : ' ✗'}` : '',
  ];
}

/** Median, and least and most of the rounds. */
export function format({ median, min, max }: Spread): string {
  return min === max ? number(median) : `${number(median)} (${number(min)}–${number(max)})`;
}

/** Three digits that count. */
export function number(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

/** For the terminal. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
