import { expect, test } from 'bun:test';
import { EVERYTHING } from '../../src/short-urls/visibility.ts';
import { createTestServices } from '../support/services.ts';
import { type Control, startControl } from './control.ts';
import { type Stage, setStage } from './stage.ts';

const environment = { CHANGES_POLL_MS: '1500' };

test.concurrent('an edit by another process is known at once, also after an outage and after the loss of LISTEN', async () => {
  await using stage = await setStage({ environment });
  await using control = await startControl();
  const other = await createTestServices(stage.direct);
  const edit = (longUrl: string) => other.shortUrls.edit({ domainId: 0, shortCode: 'warm0' }, { longUrl }, EVERYTHING);
  try {
    expect(await seenAfterMs(stage, control, 'https://example.com/1', edit)).toBeLessThan(300);

    await stage.proxy.become('refuse');
    await Bun.sleep(500);
    await stage.proxy.become('forward');
    await stage.web.services.database.reached(3_000);
    await Bun.sleep(500);
    expect(await seenAfterMs(stage, control, 'https://example.com/2', edit)).toBeLessThan(300);

    await stage.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'hop' and query ilike 'listen%'`;
    await Bun.sleep(1_500);
    expect(await seenAfterMs(stage, control, 'https://example.com/3', edit)).toBeLessThan(300);
  } finally {
    await other.close();
  }
});

/** Without what the machine was late by, in the edit, the hint, the load and the request. */
async function seenAfterMs(
  { web }: Stage,
  control: Control,
  longUrl: string,
  edit: (longUrl: string) => Promise<unknown>,
) {
  const beganAtMs = performance.now();
  await edit(longUrl);
  while ((await web.get('/warm0')).headers.get('location') !== longUrl) {
    if (performance.now() - beganAtMs > 3_000) break;
    await Bun.sleep(5);
  }
  const ms = performance.now() - beganAtMs;
  if (process.env.HOP_FAULT_FIGURES) console.log('edit seen after', ms);
  return ms - 4 * control.worstMs(beganAtMs, performance.now());
}
