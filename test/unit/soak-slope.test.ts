import { expect, test } from 'bun:test';
import { slopePerHour } from '../soak/slope.ts';

const MINUTE_MS = 60_000;

function points(...values: number[]) {
  return values.map((value, minute) => ({ atMs: 1_700_000_000_000 + minute * MINUTE_MS, value }));
}

test('what grows by two a minute grows by 120 an hour', () => {
  expect(slopePerHour(points(5, 7, 9, 11))).toBeCloseTo(120);
});

test('what goes up and down around a line has the slope of the line', () => {
  expect(slopePerHour(points(1, -1, -1, 1))).toBeCloseTo(0);
  expect(slopePerHour(points(1, 0, 1, 4, 3, 4))).toBeCloseTo((13.5 / 17.5) * 60);
});

test('nothing and a single point do not grow', () => {
  expect([slopePerHour([]), slopePerHour(points(7))]).toEqual([0, 0]);
});
