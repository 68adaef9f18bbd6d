export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** By how much values grow in an hour: the line through all of them by least squares; 0 when there is no line. */
export function slopePerHour(points: readonly Point[]): number {
  const [meanMs, mean] = [meanOf(points.map(({ atMs }) => atMs)), meanOf(points.map(({ value }) => value))];
  let [products, squares] = [0, 0];
  for (const { atMs, value } of points) {
    products += (atMs - meanMs) * (value - mean);
    squares += (atMs - meanMs) ** 2;
  }
  return squares === 0 ? 0 : (products / squares) * 3_600_000;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
