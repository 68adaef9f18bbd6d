import { expect, test } from 'bun:test';
import { openSession } from '../../src/db/session.ts';
import { setStage } from './stage.ts';
import { Traffic } from './traffic.ts';

const WRITE_TIMEOUT_MS = 2_000;
/** The wait for its turn, beside the statement itself. */
const SLACK_MS = 1_500;

test.concurrent('a create ends within the write timeout, however long others have been waiting before it', async () => {
  await using stage = await setStage({ environment: { WRITE_TIMEOUT_MS: String(WRITE_TIMEOUT_MS) } });
  const session = await openSession(stage.direct, { timeoutMs: 10_000 });
  await session.run('begin');
  await session.run('lock table short_urls in access exclusive mode');
  const traffic = new Traffic(stage.web);
  await Bun.sleep(2 * WRITE_TIMEOUT_MS + 500);
  await session.close();
  await traffic.stop();

  const creates = traffic.samples.filter(({ kind }) => kind === 'create');
  const worstMs = Math.max(...creates.map(({ answer }) => (answer instanceof Error ? Infinity : answer.ms)));
  if (process.env.HOP_FAULT_FIGURES) console.log('long lock: worst create', worstMs);
  expect(worstMs).toBeLessThan(WRITE_TIMEOUT_MS + SLACK_MS);
});
