import { expect, test } from 'bun:test';
import { formatTotals, readTotals } from '../support/report.ts';

const REPORT =
  '<testsuites name="bun test" tests="7" assertions="9" failures="2" skipped="1"><testsuite tests="1" failures="1" skipped="0">';

test('the totals of a run are those of its report', () => {
  expect(readTotals(REPORT, 1)).toEqual({ passed: 4, failed: 2, skipped: 1 });
});

test('a run that failed outside of its tests counts a failure', () => {
  const report = REPORT.replace('failures="2"', 'failures="0"');
  expect(readTotals(report, 1)).toEqual({ passed: 6, failed: 1, skipped: 1 });
  expect(readTotals(report, 0)).toEqual({ passed: 6, failed: 0, skipped: 1 });
});

test('a report without counts is refused', () => {
  expect(() => readTotals('<testsuites>', 0)).toThrow('no count of failures');
});

test('the totals name what was skipped, if anything was', () => {
  expect(formatTotals({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(formatTotals({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
});
