export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * The counts of a JUnit report of `bun test`. The report knows nothing of files that failed to load, nor of errors
 * between tests; the exit code does, so that a failed run counts at least one failure.
 */
export function readTotals(junit: string, exitCode: number): Totals {
  const root = /<testsuites\b[^>]*>/.exec(junit)?.[0] ?? '';
  const count = (attribute: string) => {
    const value = new RegExp(`\\b${attribute}="(\\d+)"`).exec(root)?.[1];
    if (value === undefined) throw new Error(`the test report has no count of ${attribute}`);
    return Number(value);
  };
  const failures = count('failures');
  const skipped = count('skipped');
  const failed = Math.max(failures, exitCode === 0 ? 0 : 1);
  return { passed: count('tests') - failures - skipped, failed, skipped };
}

/** `12 passed, 0 failed, 1 skipped`: the form that CI reads. */
export function formatTotals({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
