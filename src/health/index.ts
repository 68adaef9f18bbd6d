import { Elysia } from 'elysia';
import { VERSION } from '../lib/version.ts';
import { Health } from './model.ts';
import type { HealthCheck } from './service.ts';

export interface HealthOptions {
  readonly health: HealthCheck;
  /** Address of the documentation of the API, absolute. */
  readonly docsUrl: string;
}

/** Clients switch features on by the version of Shlink that they find here, and off below 2.0, so it is not hop's own. */
const API_VERSION = '5.0.0';

/** `GET /rest/health`: for monitoring and for clients that look whom they talk to. No key needed. */
export function healthController({ health, docsUrl }: HealthOptions) {
  const links = { about: docsUrl, project: docsUrl };
  const answer = (status: Health['status']): Health => ({ status, version: API_VERSION, releaseId: VERSION, links });

  return new Elysia({ name: 'health', prefix: '/rest/v3' }).get(
    '/health',
    async ({ status }) => ((await health.passes()) ? answer('pass') : status(503, answer('fail'))),
    {
      response: {
        200: { ...Health, description: 'hop can do its work.' },
        503: { ...Health, description: 'The database does not answer; known short URLs still redirect.' },
      },
      detail: {
        operationId: 'health',
        tags: ['Monitoring'],
        summary: 'Check healthiness',
        description: 'Whether the service and what it depends on are healthy. No API key needed.',
        security: [],
      },
    },
  );
}
