import { expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { createTestDatabase } from '../support/database.ts';
import { Hops } from '../support/hop-process.ts';
import { startLoad } from '../support/load.ts';
import { kill, listens, startSupervised } from '../support/supervised.ts';
import { isAlive, until } from './fixtures/programs.ts';

const CLIENTS = 8;
/**
 * On a busy machine too each client asks once in this delay, and is told to close. One that is silent for all of it may
 * write to a connection that is being closed, which no server can prevent (RFC 9112, 9.5).
 */
const PATIENT_DRAIN = { DRAIN_DELAY: '2000', DRAIN_TIMEOUT: '30000' };

test.concurrent('SIGTERM under load loses no request of a connection that was accepted, and records every visit', async () => {
  await using stage = await startSupervised(PATIENT_DRAIN);
  const { hop, port, path, asked, sql } = stage;
  const load = startLoad({ port, path, clients: CLIENTS, keepAlive: true });
  await until(() => load.figures.answers > 200);
  hop.process.kill('SIGTERM');
  expect(await hop.ended()).toMatchObject({ code: 0 });
  const { answers, lost, errors, firstError } = await load.stop();
  if (errors > 0) console.log(firstError, hop.stderr);
  expect({ lost, errors }).toEqual({ lost: 0, errors: 0 });
  const [row] = await sql<{ visits: number }[]>`select count(*)::int as visits from visits`;
  expect(row?.visits).toBe(asked + answers);
});

test.concurrent('SIGTERM while a recorder that crashes again and again waits to be started again loses no visit', async () => {
  await using stage = await startSupervised();
  const { hop, url, path, asked, children, sql } = stage;
  for (let crash = 0; crash < 4; crash++) {
    const [pid] = children('recorder');
    kill(children('recorder'));
    if (crash < 3) await until(() => children('recorder').some((other) => other !== pid));
  }
  const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(url + path, { redirect: 'manual' })));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(302));
  hop.process.kill('SIGTERM');
  expect(await hop.ended()).toMatchObject({ code: 0 });
  const [row] = await sql<{ visits: number }[]>`select count(*)::int as visits from visits`;
  expect(row?.visits).toBe(asked + answers.length);
});

test.concurrent('SIGHUP under load replaces the web processes, and loses nothing on connections that are kept', async () => {
  await using stage = await startSupervised(PATIENT_DRAIN);
  const { hop, port, path, children } = stage;
  const old = children('web');
  const load = startLoad({ port, path, clients: CLIENTS, keepAlive: true });
  await until(() => load.figures.answers > 200);
  hop.process.kill('SIGHUP');
  await until(() => old.every((pid) => !isAlive(pid)));
  expect(children('web').length).toBe(2);
  const { lost, errors, refused, firstError } = await load.stop();
  if (errors > 0) console.log(firstError, hop.stderr);
  expect({ lost, errors, refused }).toEqual({ lost: 0, errors: 0, refused: 0 });
});

test.concurrent('processes that are killed or stuck are back, while the others serve', async () => {
  await using stage = await startSupervised({ STUCK_TIMEOUT_MS: '2000' });
  const { hop, children, url, path } = stage;
  for (const role of ['web', 'recorder'] as const) {
    const before = children(role);
    const [victim = 0] = before;
    process.kill(victim, 'SIGKILL');
    await until(() => children(role).some((pid) => !before.includes(pid)));
  }
  const [stuck = 0] = children('web');
  process.kill(stuck, 'SIGSTOP');
  await until(() => !isAlive(stuck));
  await until(() => children('web').length === 2);
  expect((await fetch(url + path, { redirect: 'manual', keepalive: false })).status).toBe(302);
  hop.process.kill('SIGTERM');
  const { stderr } = await hop.ended();
  expect(stderr).toContain('it shows no sign of life');
});

test.concurrent('the processes of a supervisor that was killed end by themselves, and the next one finds the port free', async () => {
  await using stage = await startSupervised();
  const { hop, hops, port, children, variables } = stage;
  const orphans = [...children('web'), ...children('recorder')];
  hop.process.kill('SIGKILL');
  const next = hops.start(['serve'], variables);
  await next.url();
  await until(() => orphans.every((pid) => !isAlive(pid)));
  next.process.kill('SIGTERM');
  expect(await next.ended()).toMatchObject({ code: 0 });
  expect(await listens(port)).toBe(false);
});

test.concurrent('a port that is taken and a folder that another hop has are refused with what to do', async () => {
  await using stage = await startSupervised();
  const { hops, hop, port, variables } = stage;
  const samePort = hops.start(['serve'], { ...variables, DATA_DIR: hops.newDataDir() });
  const ADMIN_PORT = new URL(await hop.adminUrl()).port;
  const sameAdmin = hops.start(['serve'], { ...variables, DATA_DIR: hops.newDataDir(), PORT: '0', ADMIN_PORT });
  const sameFolder = hops.start(['serve'], { ...variables, PORT: '0' });
  expect(await samePort.ended()).toMatchObject({ code: 1, stderr: expect.stringContaining(`Port ${port} of`) });
  const forAdmin = `Port ${ADMIN_PORT}, for metrics and health, of 127.0.0.1 is taken: set ADMIN_PORT`;
  expect(await sameAdmin.ended()).toMatchObject({ code: 1, stderr: expect.stringContaining(forAdmin) });
  expect(await sameFolder.ended()).toMatchObject({ code: 1, stderr: expect.stringContaining('Another hop is using') });
});

test.concurrent('unix sockets: one for each process, replaced in place, removed at the end', async () => {
  const database = await createTestDatabase();
  await using hops = new Hops();
  const folder = hops.newDataDir();
  const LISTEN = `unix:${folder}/s`;
  const variables = { DATABASE_URL: database.url, DATA_DIR: folder, DEFAULT_DOMAIN: 's.example', WEB_CONCURRENCY: '2' };
  const hop = hops.start(['serve'], { ...variables, LISTEN });
  const ask = (n: number) => fetch('http://s.example/', { unix: `${folder}/s.${n}` }).then(({ status }) => status);
  await until(async () => (await ask(1).catch(() => 0)) === 404 && (await ask(2).catch(() => 0)) === 404);
  expect(await hops.start(['health'], { LISTEN }).ended()).toMatchObject({ code: 0 });
  const second = hops.start(['serve'], { ...variables, LISTEN, DATA_DIR: hops.newDataDir() });
  const refusal = expect.stringContaining(`another program listens on ${folder}/s.1`);
  expect(await second.ended()).toMatchObject({ code: 1, stderr: refusal });
  expect(await ask(1)).toBe(404);
  hop.process.kill('SIGTERM');
  expect(await hop.ended()).toMatchObject({ code: 0 });
  expect(readdirSync(folder).filter((name) => name.startsWith('s.'))).toEqual([]);
  await database.drop();
});
