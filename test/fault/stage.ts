import type postgres from 'postgres';
import type { PoolName } from '../../src/db/database.ts';
import { PATIENCE_MS, until } from '../process/fixtures/programs.ts';
import { administer, createTestDatabase, testServerUrl } from '../support/database.ts';
import { type FaultyProxy, startProxy, upstreamOf } from '../support/proxy.ts';
import { connect } from '../support/sql.ts';
import { startTestWeb, type TestWeb } from '../support/web.ts';

/** A database with links, a proxy in front of it, and hop behind the proxy. */
export interface Stage extends AsyncDisposable {
  readonly proxy: FaultyProxy;
  readonly web: TestWeb;
  /** Straight to the database, as a superuser. */
  readonly sql: postgres.Sql;
  /** The database's URL past the proxy. */
  readonly direct: string;
  /** The database by way of the proxy. */
  readonly url: string;
}

export interface StageOptions {
  /** A database URL instead of a new test database. */
  readonly databaseUrl?: string;
  readonly environment?: Record<string, string>;
  /** hop connects as this role, made for it: it may read and write, and is no superuser. */
  readonly role?: string;
  /** Default: true. Else some connections of each pool are still to be opened. */
  readonly opensAllConnections?: boolean;
}

/** `warm0`… are in hop's cache, `cold0`… are not. */
export const WARM_LINKS = 3;
const COLD_LINKS = 4_000;

export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const { databaseUrl, environment = {}, role, opensAllConnections = true } = options;
  await using stack = new AsyncDisposableStack();
  const database = databaseUrl === undefined ? await createTestDatabase() : undefined;
  if (role !== undefined)
    stack.defer(() => administer(testServerUrl(), async (admin) => void (await admin`drop role ${admin(role)}`)));
  if (database !== undefined) stack.defer(() => database.drop());
  const direct = databaseUrl ?? database?.url ?? '';
  const proxy = stack.use(await startProxy(upstreamOf(direct)));
  const sql = stack.use(connect(direct));
  await seed(sql);
  if (role !== undefined) await createRole(sql, role);
  const proxied = throughProxy(direct, proxy.port, role);
  const web = stack.use(await startTestWeb(proxied, environment));
  await warmUp(web);
  if (opensAllConnections) await openConnections(web);
  const kept = stack.move();
  return { proxy, web, sql, direct, url: proxied, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** The URL of the same database by TCP on a port of this machine. */
export function throughProxy(databaseUrl: string, port: number, role?: string): string {
  const url = new URL(databaseUrl);
  if (role !== undefined) Object.assign(url, { username: role, password: ROLE_PASSWORD });
  url.searchParams.delete('host');
  url.host = `127.0.0.1:${port}`;
  return url.href;
}

const ROLE_PASSWORD = 'hop';

function createRole(sql: postgres.Sql, role: string) {
  return sql.unsafe(`
    create role ${role} login password '${ROLE_PASSWORD}' in role pg_read_all_data, pg_write_all_data;
    grant all on schema public to ${role}`);
}

export async function seed(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into short_urls (domain_id, short_code, create_id, long_url)
    select 0, name || i, gen_random_uuid(), 'https://example.com/' || name || i
    from (values ('warm', ${WARM_LINKS}::int), ('cold', ${COLD_LINKS}::int)) as kind (name, count), generate_series(0, count - 1) as i`;
}

export async function warmUp(web: TestWeb): Promise<void> {
  const deadlineAt = performance.now() + PATIENCE_MS;
  for (let index = 0; index < WARM_LINKS; ) {
    const { status } = await web.get(`/warm${index}`);
    if (status === 302) index++;
    else if (performance.now() > deadlineAt) throw new Error(`hop did not come up: ${status}`);
    else await Bun.sleep(20);
  }
  // The first create asks for the installation's alphabet.
  await until(async () => (await web.create('https://example.com/first')).status === 201);
}

/** Faults hit every connection that there can be, not only the first. */
export async function openConnections({ services: { database, config } }: TestWeb): Promise<void> {
  const sleep = (name: PoolName) => database.run(name, (sql) => sql`select pg_sleep(0.02)`, { retry: true });
  const occupy = (name: PoolName, count: number) =>
    // A busy machine may miss the deadline of lookups.
    Array.from({ length: count }, () => until(() => sleep(name).then(Boolean, () => false)));
  await Promise.all([...occupy('lookups', config.POOL_LOOKUPS), ...occupy('writes', config.POOL_WRITES)]);
}

/** 57P01 for every backend of hop. */
export function terminateBackends({ sql }: Pick<Stage, 'sql'>) {
  return sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'hop'`;
}
