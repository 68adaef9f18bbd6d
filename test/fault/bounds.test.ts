import { expect, test } from 'bun:test';
import type { ProxyMode } from '../support/proxy.ts';
import { type Stage, setStage } from './stage.ts';

const FLOOD = 5_000;

for (const mode of ['refuse', 'swallow'] satisfies ProxyMode[]) {
  test.concurrent(`${FLOOD} unknown codes at once end in 503 and leave nothing behind when connections ${mode}`, async () => {
    await using stage = await setStage();
    const { proxy, web } = stage;
    await proxy.become(mode);
    const before = process.memoryUsage().rss;
    const answers = await Promise.all(Array.from({ length: FLOOD }, (_, index) => web.get(`/flood${index}`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(answers.filter(({ headers }) => headers.get('retry-after') === null)).toEqual([]);
    if (process.env.HOP_FAULT_FIGURES)
      console.log(mode, Math.max(...answers.map(({ ms }) => ms)), (process.memoryUsage().rss - before) / 2 ** 20);

    const deadlineAtMs = performance.now() + 4_000;
    while (web.services.links.loading > 0 && performance.now() < deadlineAtMs) await Bun.sleep(20);
    expect(web.services.links.loading).toBe(0);
    expect((await web.get('/warm0')).status).toBe(302);
  });
}

test.concurrent('a server that closes every connection is not asked without pause', async () => {
  await using stage = await setStage();
  await stage.proxy.become('close');
  expect(await attemptsPerSecond(stage)).toBeLessThan(50);
});

test.concurrent('a server on which every lookup breaks is not asked without pause', async () => {
  await using stage = await setStage();
  stage.proxy.breakWhen = (sent) => sent.includes('string_to_array') && 'reset';
  stage.proxy.resetAll();
  expect(await attemptsPerSecond(stage)).toBeLessThan(50);
  expect((await stage.web.get('/warm0')).status).toBe(302);
});

/** Connections that hop asked for while it is asked for what it does not know. */
async function attemptsPerSecond({ proxy, web }: Stage): Promise<number> {
  const acceptedBefore = proxy.accepted;
  const beganAtMs = performance.now();
  while (performance.now() - beganAtMs < 2_000) {
    await Promise.all([web.get(`/cold${proxy.accepted}`), web.create('https://example.com/'), Bun.sleep(10)]);
  }
  const rate = ((proxy.accepted - acceptedBefore) / (performance.now() - beganAtMs)) * 1000;
  if (process.env.HOP_FAULT_FIGURES) console.log('attempts per second', rate);
  return rate;
}
