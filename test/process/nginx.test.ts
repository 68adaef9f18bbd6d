import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { loadConfig } from '../../src/config.ts';
import { hasNginx, type Nginx, NO_NGINX, startNginx, validate } from '../support/nginx.ts';
import { getFrom } from '../support/visitor.ts';
import { Programs } from './fixtures/programs.ts';
import { type Arrived, startBreaking, startEcho } from './fixtures/upstreams.ts';

if (!hasNginx) console.warn(NO_NGINX);

describe.skipIf(!hasNginx)('deploy/nginx', () => {
  const programs = new Programs();
  afterAll(() => programs[Symbol.asyncDispose]());

  test.each(['tcp', 'unix'] as const)('is valid with servers-%s.conf', (variant) => {
    const said = validate(join(programs.folder, variant), variant);
    expect(said).toContain('test is successful');
    expect(said).not.toContain('[warn]');
  });

  describe('before a server that breaks off each request, and one that answers', () => {
    const [breaking, answering] = [join(programs.folder, 'breaking'), join(programs.folder, 'answering')];
    const seen: string[] = [];
    const servers = [startBreaking(breaking), startEcho(answering, seen)];
    let nginx: Nginx;
    beforeAll(async () => {
      // Each request goes to the first one first.
      const lines = [`unix:${breaking} max_fails=0`, `unix:${answering} backup`];
      nginx = await startNginx(join(programs.folder, 'nginx'), lines);
    });
    afterAll(async () => {
      await nginx[Symbol.asyncDispose]();
      for (const server of servers) await server[Symbol.asyncDispose]();
    });

    test('path, Host with its port and the visitor arrive as they came', async () => {
      const headers = { host: 'Go.Example:8080', 'x-forwarded-for': '203.0.113.7', 'x-request-id': 'mine' };
      const arrived: Arrived = JSON.parse(await getFrom('127.9.9.9', `${nginx.url}/a//b%2Fc?d=%20`, headers));
      expect(arrived.target).toBe('/a//b%2Fc?d=%20');
      expect(arrived.headers).toMatchObject({
        host: 'Go.Example:8080',
        'x-forwarded-for': '203.0.113.7, 127.9.9.9',
        'x-forwarded-proto': 'http',
        'x-request-id': 'mine',
      });
      expect(arrived.headers).not.toHaveProperty('connection');
    });

    test('a request id that hop would not take is replaced', async () => {
      const arrived = await fetch(nginx.url, { headers: { 'x-request-id': 'mine and yours' } });
      expect(((await arrived.json()) as Arrived).headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    });

    test('a GET is tried again, and nothing that creates', async () => {
      const shorten = '/rest/v3/short-urls/shorten?longUrl=x';
      expect((await fetch(`${nginx.url}/again`)).status).toBe(200);
      for (const [method, path] of [
        ['POST', '/'],
        ['POST', '/rest/v3/short-urls'],
        ['PATCH', '/rest/v3/x'],
        ['GET', shorten],
      ] as const) {
        const answer = await fetch(nginx.url + path, { method, ...(method !== 'GET' && { body: '{}' }) });
        expect(answer.status).toBe(502);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(await answer.json()).toMatchObject({ status: 502 });
        expect(seen).not.toContain(`${method} ${path}`);
      }
      expect(seen).toContain('GET /again');
    });

    test('a body over the limit, which is that of hop, is refused with a problem', async () => {
      const { BODY_MAX_BYTES } = loadConfig({}, { embedded: true });
      const send = (bytes: number) => fetch(nginx.url, { method: 'POST', body: 'x'.repeat(bytes) });
      expect((await send(BODY_MAX_BYTES)).status).toBe(502); // it is passed on
      const refused = await send(BODY_MAX_BYTES + 1);
      expect(refused.status).toBe(413);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect(await refused.json()).toMatchObject({ type: expect.stringContaining('/payload-too-large'), status: 413 });
    });
  });
});
