import { join } from 'node:path';
import type postgres from 'postgres';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/observability/log.ts';
import type { Services } from '../../src/services.ts';
import type { CreateShortUrl } from '../../src/short-urls/service.ts';
import type { VisitRecord } from '../../src/visits/record.ts';
import { startWeb, type Web } from '../../src/web.ts';
import { until } from '../process/fixtures/programs.ts';
import { DataDir } from './data-dir.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { connect } from './sql.ts';
import { type Journaled, readJournals } from './visits.ts';

export interface AppOptions {
  /** Another app's database, which then outlives this one. */
  readonly database?: TestDatabase;
}

/**
 * A web process within this one, on a database of its own, that has read its domains. It is configured as by `bun start`
 * (open to everybody on loopback) but for the port, which is any free one, and the deadline of lookups, within which a busy
 * machine may not answer.
 */
export async function startApp(variables: Record<string, string> = {}, options: AppOptions = {}): Promise<TestApp> {
  const database = options.database ?? (await createTestDatabase());
  const errors: string[] = [];
  const dataDir = new DataDir();
  const web = startWeb({
    config: loadConfig(
      { PORT: '0', LOOKUP_DEADLINE_MS: '10000', DATA_DIR: dataDir.path, ...variables },
      { embedded: true, overrides: { DATABASE_URL: database.url } },
    ),
    log: createLogger('error', (line) => {
      if (!saysLate(line)) errors.push(line);
    }),
    databaseUrl: database.url,
    onFatal: (error) => errors.push(Bun.inspect(error)),
  });
  await web.services.ready;
  return new TestApp(web, database, errors, dataDir, options.database === undefined);
}

/** A look for the database has a second, which a machine with much else to do may take: that is no fault of hop. */
function saysLate(line: string): boolean {
  return line.includes('database is unavailable') && line.includes('NoAnswerError');
}

export class TestApp implements AsyncDisposable {
  /** To look into the database and to make there what the API cannot make yet. */
  readonly sql: postgres.Sql & AsyncDisposable;

  constructor(
    private readonly web: Web,
    readonly database: TestDatabase,
    /** What was logged as an error, such as the cause of a 500: none is expected, so `stop` rejects if there are some. */
    readonly errors: string[],
    private readonly dataDir: DataDir,
    private readonly ownsDatabase: boolean,
  ) {
    this.sql = connect(database.url);
  }

  get services(): Services {
    return this.web.services;
  }

  /** What its metrics are made of. */
  get measured(): Pick<Web, 'services' | 'journal'> {
    return this.web;
  }

  get server(): Web['server'] {
    return this.web.server;
  }

  get port(): number {
    return this.services.config.PORT;
  }

  /** By address, because `localhost` costs a lookup each time; without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A request to the app; redirects are answers, not followed. */
  request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, { redirect: 'manual', ...init });
  }

  /** `POST /`; a body that is no text is sent as JSON. */
  shorten(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.request('/', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers });
  }

  /** A short URL of the default domain, to example.com if nothing else is said; resolves with its path. */
  async create(fields: Partial<CreateShortUrl> = {}): Promise<string> {
    const { shortCode } = await this.services.shortUrls.create({
      domainId: 0,
      longUrl: 'https://example.com/target',
      ...fields,
    });
    return `/${encodeURIComponent(shortCode)}`;
  }

  /** Another domain, as another process would add it; resolves with its id once this app knows it. */
  async addDomain(authority: string, redirects: DomainRedirects = {}): Promise<number> {
    const { baseUrl = null, regular404 = null, invalidShortUrl = null } = redirects;
    const [row] = await this.sql<{ id: number }[]>`
      with added as (
        insert into domains (authority, base_url_redirect, regular_404_redirect, invalid_short_url_redirect)
        values (${authority}, ${baseUrl}, ${regular404}, ${invalidShortUrl}) returning domain_id
      ), changed as (
        insert into short_url_changes (domain_id) select domain_id from added
      )
      select domain_id::int as id from added`;
    await this.sql`select pg_notify('hop_changes', '')`;
    await until(() => this.services.domains.has(authority));
    return row?.id ?? Number.NaN;
  }

  /** All visits that this app has recorded so far. */
  visits(): VisitRecord[] {
    return this.journaled().visits;
  }

  /** The same with what was dropped. */
  journaled(): Journaled {
    this.web.journal?.write();
    return readJournals(join(this.dataDir.path, 'journal'));
  }

  async stop(): Promise<void> {
    await Promise.all([this.web.stop(), this.sql.end({ timeout: 1 })]);
    await this.dataDir[Symbol.asyncDispose]();
    if (this.ownsDatabase) await this.database.drop();
    if (this.errors.length > 0) throw new Error(`hop logged errors:\n${this.errors.join('')}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

interface DomainRedirects {
  readonly baseUrl?: string;
  readonly regular404?: string;
  readonly invalidShortUrl?: string;
}
