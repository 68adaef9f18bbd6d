import { expect, test } from 'bun:test';
import { isAlive, until } from '../process/fixtures/programs.ts';
import { startProxy, upstreamOf } from '../support/proxy.ts';
import { kill, startSupervised } from '../support/supervised.ts';
import { throughProxy } from './stage.ts';

/** A first look at the database has failed by then, and whoever listens without one does. */
const LOOKED_MS = 4_000;

test.concurrent('who takes the place of a killed process while the database is away answers nobody, unless nobody else does', async () => {
  await using proxy = await startProxy({ host: '127.0.0.1', port: 0 });
  await using stage = await startSupervised({}, (databaseUrl) => {
    proxy.upstream = upstreamOf(databaseUrl);
    return throughProxy(databaseUrl, proxy.port);
  });
  const { children, url, path } = stage;
  // A connection each time, so that all processes are met that listen.
  const ask = () => fetch(url + path, { redirect: 'manual', keepalive: false }).then(({ status }) => status);
  const askAll = () => Promise.all(Array.from({ length: 40 }, ask));
  const [lasting = 0] = children('web');
  const replaced = async (victims: number[]) => {
    for (const pid of victims) kill([pid]);
    await until(() => !victims.some(isAlive) && children('web').length === 2);
  };

  await proxy.become('swallow');
  await replaced(children('web').filter((pid) => pid !== lasting));
  await Bun.sleep(LOOKED_MS);
  expect(await askAll()).toEqual(Array(40).fill(302));

  await replaced([lasting]);
  await until(async () => (await ask().catch(() => undefined)) === 503);

  await proxy.become('forward');
  await until(async () => (await askAll()).every((status) => status === 302));
});
