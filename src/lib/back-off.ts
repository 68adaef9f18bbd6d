export interface BackOffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Milliseconds to wait before the next try, after so many that failed (from 1): doubled with each, and up to half of it
 * left out by chance, so that who failed of the same cause does not come back at the same moment.
 */
export function backOffMs(failures: number, { firstMs, longestMs }: BackOffLimits, random = Math.random()): number {
  return Math.min(longestMs, firstMs * 2 ** (failures - 1)) * (0.5 + 0.5 * random);
}
