import { expect, test } from 'bun:test';
import { migrate } from '../../src/db/migrate.ts';
import { createLogger } from '../../src/observability/log.ts';
import { startProxy, upstreamOf } from '../support/proxy.ts';
import { connect } from '../support/sql.ts';
import { startTestWeb } from '../support/web.ts';
import { startControl } from './control.ts';
import { expectPromisesKept, figures, sitOut } from './outage.ts';
import { startOwnServer } from './own-server.ts';
import { openConnections, seed, setStage, throughProxy, warmUp } from './stage.ts';

const log = createLogger('warn');

test.concurrent('hop works again soon after its PostgreSQL crashed and came back', async () => {
  await using server = await startOwnServer();
  await migrate({ databaseUrl: server.databaseUrl, log });
  await using stage = await setStage({ databaseUrl: server.databaseUrl });
  await using control = await startControl();
  // Longer than one look for a primary, which would otherwise find the server again by itself.
  const crash = { lastsMs: 1_500, begin: () => server.crash(), end: () => server.start() };
  const report = await sitOut(stage, crash, control);
  if (process.env.HOP_FAULT_FIGURES) console.log(`restart: ${figures(report)}`);
  await expectPromisesKept(stage, report);
});

test.concurrent('hop follows the primary: a dead host, a standby, a promotion, a write that met a standby', async () => {
  await using one = await startOwnServer();
  await migrate({ databaseUrl: one.databaseUrl, log });
  {
    await using sql = connect(one.databaseUrl);
    await seed(sql);
  }
  await one.stop();
  await using two = await one.copyAsStandby();
  await one.start();
  await using first = await startProxy(upstreamOf(two.databaseUrl));
  await using second = await startProxy(upstreamOf(one.databaseUrl));
  await using dead = await startProxy(upstreamOf(one.databaseUrl));
  await dead.become('refuse');

  const hosts = [dead.port, first.port, second.port].map((port) => `127.0.0.1:${port}`).join(',');
  const url = throughProxy(one.databaseUrl, 1).replace('127.0.0.1:1', hosts);
  await using web = await startTestWeb(url);
  await warmUp(web);
  expect(web.services.database.target).toContain(`:${second.port}/`);

  // A switchover behind addresses that stay: connections live on, new ones to the second host meet the standby.
  [first.upstream, second.upstream] = [second.upstream, first.upstream];
  await openConnections(web);
  for (let index = 0; index < 8; index++) expect((await web.create(`https://example.com/${index}`)).status).toBe(201);
  expect(web.services.database.target).toContain(`:${first.port}/`);

  // A failover.
  await one.crash();
  await using sql = connect(two.databaseUrl);
  await sql`select pg_promote()`;
  const promotedAtMs = performance.now();
  while ((await web.create('https://example.com/promoted')).status !== 201) await Bun.sleep(20);
  expect(performance.now() - promotedAtMs).toBeLessThan(2_500);
  expect((await web.get('/cold1')).status).toBe(302);
});
