import { expect, test } from 'bun:test';
import { alone, isMet, versus } from '../../bench/figure.ts';
import { plotOf } from '../../bench/publish.ts';
import { rowOf } from '../../bench/table.ts';

const atMost = (value: number) => ({ of: 'ratio', is: '≤', value }) as const;
const CPU = { what: 'zipf', unit: 'µs of CPU' };

test('the ratio is that of each round, not of the medians', () => {
  const { ratio, hop, peer } = versus(CPU, 'nginx', [
    [10, 5],
    [30, 10],
    [20, 20],
  ]);
  expect(ratio).toEqual({ median: 2, min: 1, max: 3 });
  expect([hop.median, peer?.value.median]).toEqual([20, 10]);
});

test('a goal is met by the median, or not', () => {
  const rounds = [
    [3, 2],
    [4, 2],
    [3, 2],
  ] as const;
  expect(isMet(versus({ ...CPU, goal: atMost(1.5) }, 'nginx', rounds))).toBe(true);
  expect(isMet(versus({ ...CPU, goal: atMost(1.4) }, 'nginx', rounds))).toBe(false);
  expect(isMet(alone({ ...CPU, goal: { of: 'hop', is: '≥', value: 5 } }, [4, 6, 7]))).toBe(true);
  expect(isMet(alone(CPU, [1]))).toBeUndefined();
});

test('a row says median, range and goal in three digits', () => {
  const figure = versus({ ...CPU, goal: atMost(1.5) }, 'nginx', [
    [11.563, 9.675],
    [12.5, 9.1],
  ]);
  const row = ['hot: zipf', 'µs of CPU', '12 (11.6–12.5)', 'nginx 9.39 (9.1–9.68)', '1.28 (1.2–1.37)', '≤ 1.5 ✓'];
  expect(rowOf('hot', figure)).toEqual(row);
});

test('a peer that used no CPU that the kernel counted has no ratio, and no place in the plot', () => {
  const figure = versus(CPU, 'nginx', [
    [1, 0],
    [2, 1],
  ]);
  expect(figure.ratio).toBeUndefined();
  const result = { takenAt: '2026-11-29T00:00:00Z', machine: { cpu: 'a', cores: 2, kernel: '6' }, versions: {} };
  expect(plotOf({ hot: { ...result, figures: [figure] } })).not.toContain('circle');
});
