import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/observability/log.ts';
import type { Services } from '../../src/services.ts';
import { startWeb } from '../../src/web.ts';
import { DataDir } from './data-dir.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly ms: number;
  readonly body: string;
}

export interface TestWeb extends AsyncDisposable {
  readonly services: Services;
  /** What the process was told that it cannot go on for. */
  readonly fatal: unknown[];
  get(path: string): Promise<Answer>;
  /** `POST /`. */
  create(longUrl: string): Promise<Answer>;
}

/** A serving process of hop, except that it lives in the test's process: a real port and a real database. */
export async function startTestWeb(databaseUrl: string, environment: Record<string, string> = {}): Promise<TestWeb> {
  const fatal: unknown[] = [];
  const dataDir = new DataDir();
  const web = startWeb({
    config: loadConfig(
      { ...ENVIRONMENT, DATA_DIR: dataDir.path, DATABASE_URL: databaseUrl, ...environment },
      { embedded: false },
    ),
    log: createLogger(process.env.HOP_TEST_LOG === 'debug' ? 'debug' : 'silent'),
    databaseUrl,
    onFatal: (error) => fatal.push(error),
  });
  const base = `http://127.0.0.1:${web.server.port}`;
  return {
    services: web.services,
    fatal,
    get: (path) => timed(`${base}${path}`, {}),
    create: (url) => timed(`${base}/`, { method: 'POST', body: JSON.stringify({ url }) }),
    [Symbol.asyncDispose]: () => web.stop().finally(() => dataDir[Symbol.asyncDispose]()),
  };
}

const ENVIRONMENT = {
  HOST: '127.0.0.1',
  PORT: '0',
  DEFAULT_DOMAIN: 'hop.test',
  IS_HTTPS_ENABLED: 'false',
  ANONYMOUS_CREATE: 'true',
};

async function timed(url: string, init: RequestInit): Promise<Answer> {
  const startedAt = performance.now();
  const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(20_000) });
  const body = await response.text();
  return { status: response.status, headers: response.headers, ms: performance.now() - startedAt, body };
}
