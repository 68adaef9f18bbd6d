export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median with the least and the largest of `values`, of which there is at least one. */
export function spread(values: readonly number[]): Spread {
  const ascending = [...values].sort((a, b) => a - b);
  const at = (index: number) => ascending[index] ?? Number.NaN;
  const middle = (ascending.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(ascending.length - 1),
  };
}
