// `bun run test:soak`: SOAK_MINUTES (20) of mixed load on a real `hop serve`. Every five seconds it looks at memory, open
// handles, event-loop lag and journal lag of every process, prints how they grow, and fails if memory or handles do.
// The first quarter is not judged: heaps and caches fill. In a run of a few minutes they go on doing so after that: web
// processes grew by 40 MiB in the last 90 s of two minutes, so that such a run shows that it works, and no more.
import { withTemplate } from '../support/run-databases.ts';
import { startSupervised } from '../support/supervised.ts';
import { Sampler } from './samples.ts';
import { seedLinks, Traffic } from './traffic.ts';
import { verdicts } from './verdict.ts';

const SOAK_MS = Number(process.env.SOAK_MINUTES || 20) * 60_000;
const SAMPLE_MS = 5_000;
const API_KEY = 'key-of-the-soak';
const SETTINGS = {
  INITIAL_API_KEY: API_KEY,
  // The least that can be set: soon full, so that links come and go.
  CACHE_MAX_BYTES: '1MiB',
  RATE_LIMIT_UNKNOWN_CODES: '0',
};

process.exit(await withTemplate(soak));

async function soak(serverUrl: string, template: string): Promise<number> {
  Object.assign(process.env, { HOP_TEST_DATABASE_URL: serverUrl, HOP_TEST_TEMPLATE: template });
  await using stage = await startSupervised(SETTINGS);
  await seedLinks(stage);
  const processes = () => [...stage.children('web'), ...stage.children('recorder')].sort().join();
  const [before, sampler, traffic] = [processes(), new Sampler(stage), new Traffic(stage, API_KEY)];
  const beganAtMs = Date.now();
  while (Date.now() < beganAtMs + SOAK_MS) {
    await Bun.sleep(SAMPLE_MS);
    await sampler.sample();
  }
  await traffic.stop();
  const judged = verdicts(sampler.series, beganAtMs + SOAK_MS / 4);
  for (const { line } of judged) console.log(line);
  console.log('asked', traffic.asked, 'other answers than expected', Object.fromEntries(traffic.wrong));
  const hasRestarted = processes() !== before;
  if (hasRestarted) console.log('FAIL a process is not the one that it was');
  return judged.every(({ isFlat }) => isFlat) && traffic.wrong.size === 0 && !hasRestarted ? 0 : 1;
}
