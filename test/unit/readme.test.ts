import { expect, test } from 'bun:test';
import { PLOT, plotOf, publish, README, withResults } from '../../bench/publish.ts';
import { readResults } from '../../bench/results.ts';
import { markdownTables } from '../../src/config.ts';

const UPDATE = 'UPDATE_README=1 bun test test/unit/readme.test.ts';
const SECTION = /(?<=<!-- configuration: .* -->\n).*(?=<!-- \/configuration -->)/s;

test('the README describes the configuration as it is', async () => {
  const readme = await Bun.file(README).text();
  const updated = readme.replace(SECTION, () => `\n${markdownTables()}\n`);
  if (process.env.UPDATE_README) await Bun.write(README, updated);
  else if (readme !== updated) throw new Error(`README.md is out of date; this updates it: ${UPDATE}`);
  expect(updated).toContain(UPDATE);
  expect(updated).toContain('`DEFAULT_SHORT_CODES_LENGTH`');
});

test('the README and its plot show the results of the benchmarks as they are', async () => {
  const results = await readResults();
  if (process.env.UPDATE_README) await publish(results);
  const readme = await Bun.file(README).text();
  if (readme !== withResults(readme, results)) throw new Error(`README.md is out of date; this updates it: ${UPDATE}`);
  expect(Object.keys(results)).not.toBeEmpty();
  expect(readme).toContain('| hot: zipf');
  expect(await Bun.file(PLOT).text()).toBe(plotOf(results));
});
