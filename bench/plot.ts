import { scaleLog } from 'd3-scale';
import type { Figure } from './figure.ts';
import { number } from './table.ts';

export interface Plotted {
  readonly name: string;
  readonly figure: Figure;
}

const WIDTH = 860;
const LEFT = 400;
const ROW = 26;
const TOP = 44;
const STYLE = `text { font: 13px system-ui, sans-serif; fill: #333 } .small { font-size: 11px; fill: #666 }
    .grid { stroke: #ddd } .peer { stroke: #333 } .range { stroke: #2563eb; stroke-width: 3; opacity: .45 }
    .median { fill: #2563eb } .goal { stroke: #dc2626; stroke-width: 2 }`;

/** Each figure's ratio to its peer: the median as a dot, least and most as a line, the goal as a red mark. */
export function plot(figures: readonly Plotted[]): string {
  const values = figures.flatMap(({ figure: { ratio, goal } }) => [
    ratio?.min ?? 1,
    ratio?.max ?? 1,
    goal?.of === 'ratio' ? goal.value : 1,
  ]);
  const x = scaleLog([Math.min(0.5, ...values), Math.max(2, ...values)], [LEFT, WIDTH - 70]).nice();
  const height = TOP + ROW * figures.length + 12;
  const ticks = x.ticks().filter((tick) => /^[0.]*[125]0*$/.test(String(tick)));
  const grid = ticks.map((tick) => vertical(x(tick), tick === 1 ? 'peer' : 'grid', TOP - 14, height - 8, number(tick)));
  const rows = figures.map((plotted, index) => row(plotted, TOP + ROW * (index + 0.5), x));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
  <title>hop as a multiple of its peer, median and range of the rounds</title>
  <style>${STYLE}</style>
  <rect width="${WIDTH}" height="${height}" fill="white"/>
  <text x="8" y="20" class="small">hop ÷ peer; a red mark is the goal</text>
  ${[...grid, ...rows].join('\n  ')}
</svg>
`;
}

function row({ name, figure }: Plotted, y: number, x: (value: number) => number): string {
  const { what, unit, peer, ratio, goal } = figure;
  if (ratio === undefined) return '';
  const label = `${name}: ${what}, ${unit}, ÷ ${peer?.name ?? ''}`;
  return [
    `<text x="8" y="${round(y + 4)}" class="${label.length > 56 ? 'small' : ''}">${escaped(label)}</text>`,
    `<line x1="${round(x(ratio.min))}" x2="${round(x(ratio.max))}" y1="${y}" y2="${y}" class="range"/>`,
    `<circle cx="${round(x(ratio.median))}" cy="${y}" r="5" class="median"/>`,
    goal?.of === 'ratio' ? `<line ${at(x(goal.value))} y1="${y - 9}" y2="${y + 9}" class="goal"/>` : '',
    `<text x="${WIDTH - 8}" y="${round(y + 4)}" text-anchor="end">${number(ratio.median)}</text>`,
  ].join('');
}

function vertical(x: number, style: string, from: number, to: number, label: string): string {
  const text = `<text x="${round(x)}" y="${from - 4}" class="small" text-anchor="middle">${label}</text>`;
  return `<line ${at(x)} y1="${from}" y2="${to}" class="${style}"/>${text}`;
}

function at(x: number): string {
  return `x1="${round(x)}" x2="${round(x)}"`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
