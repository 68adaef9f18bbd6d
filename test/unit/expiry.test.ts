import { expect, test } from 'bun:test';
import { parseExpiry } from '../../src/commands/expiry.ts';

test.each([
  ['2030-01-31', '2030-01-31T00:00:00.000Z'],
  ['2032-02-29', '2032-02-29T00:00:00.000Z'],
  ['2030-01-31T12:00Z', '2030-01-31T12:00:00.000Z'],
  ['2030-01-31T12:00:30+02:00', '2030-01-31T10:00:30.000Z'],
  ['2030-01-31T12:00:30.5Z', '2030-01-31T12:00:30.500Z'],
])('%s is a moment, whatever the time zone of the machine', (text, moment) => {
  expect(parseExpiry(text)?.toISOString()).toBe(moment);
});

test.each([
  '',
  'tomorrow',
  '2030',
  '2030-01',
  '2030-13-01',
  '2030-02-30',
  '2030-02-30T12:00Z',
  '2030-01-31T12:00',
  '2030-01-31T25:00Z',
  '2030-01-31 12:00Z',
  '31.01.2030',
  '1893456000',
])('%p is none', (text) => {
  expect(parseExpiry(text)).toBeUndefined();
});
