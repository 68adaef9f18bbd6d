import { expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { createLogger } from '../../src/observability/log.ts';
import { Child } from '../../src/supervisor/child.ts';
import { Recording } from './fixtures/recording.ts';

setDefaultTimeout(60_000);

const MAIN = join(import.meta.dir, '../../src/main.ts');

test('a recorder that is told to end before it has begun stores first what the web processes have left', async () => {
  await using recording = await Recording.start();
  const writer = recording.writer();
  await writer.line('written');
  writer.process.kill('SIGKILL');
  await writer.process.exited;
  const child = new Child({
    role: 'recorder',
    index: 1,
    command: [process.execPath, MAIN, 'recorder'],
    environment: {
      PATH: process.env.PATH,
      DATABASE_URL: recording.database.url,
      DATA_DIR: recording.dataDir,
      DEFAULT_DOMAIN: 's.test',
      LOG_LEVEL: 'warn',
    },
    log: createLogger('warn'),
    stuckAfterMs: 30_000,
  });
  child.begin();
  expect(await child.drain(0, 30_000)).toBe(true);
  const { written, missing } = await recording.acknowledged();
  expect([written > 0, missing]).toEqual([true, 0]);
});
