import { expect, test } from 'bun:test';
import { chown, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { migrate } from '../../src/db/migrate.ts';
import { createLogger } from '../../src/observability/log.ts';
import { connect } from '../support/sql.ts';
import { startControl } from './control.ts';
import { expectPromisesKept, figures, sitOut } from './outage.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';
import { setStage, terminateBackends } from './stage.ts';

test.skipIf(Bun.which('openssl') === null)('losses are seen through TLS too', async () => {
  const port = await freePort();
  await using server = await startOwnServer({ listen_addresses: '127.0.0.1', port: String(port) });
  const databaseUrl = `postgres://hop@127.0.0.1:${port}/hop`;
  await switchOnTls(server, databaseUrl);
  await migrate({ databaseUrl, log: createLogger('warn') });
  await using stage = await setStage({ databaseUrl: `${databaseUrl}?sslmode=require` });
  const [{ count } = { count: 0 }] = await stage.sql<{ count: number }[]>`
    select count(*)::int from pg_stat_ssl join pg_stat_activity using (pid) where ssl and application_name = 'hop'`;
  expect(count).toBeGreaterThan(5);

  // Connections that nobody uses at the moment.
  let timesUp = 0;
  stage.web.services.database.onUp(() => timesUp++);
  await terminateBackends(stage);
  await Bun.sleep(500);
  expect(timesUp).toBeGreaterThan(1);

  const loss = { lastsMs: 700, begin: () => stage.proxy.become('close'), end: () => stage.proxy.become('forward') };
  await using control = await startControl();
  const report = await sitOut(stage, loss, control);
  if (process.env.HOP_FAULT_FIGURES) console.log(`TLS: ${figures(report)}`);
  await expectPromisesKept(stage, report);
});

async function switchOnTls({ directory }: OwnServer, databaseUrl: string): Promise<void> {
  const files = ['-keyout', `${directory}/server.key`, '-out', `${directory}/server.crt`];
  const subject = ['-days', '1', '-subj', '/CN=localhost'];
  const cmd = ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject];
  expect(await Bun.spawn(cmd, { stderr: 'ignore' }).exited).toBe(0);
  const { uid, gid } = await stat(directory);
  for (const name of ['server.key', 'server.crt']) await chown(`${directory}/${name}`, uid, gid);
  await using sql = connect(databaseUrl);
  await sql`alter system set ssl = on`;
  await sql`select pg_reload_conf()`;
  await Bun.sleep(200);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
