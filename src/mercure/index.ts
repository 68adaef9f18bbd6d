import { Elysia } from 'elysia';
import type { ApiKeyService } from '../api-keys/service.ts';
import { AppError } from '../lib/errors.ts';
import { operation, problems } from '../short-urls/rest-docs.ts';

/** `GET /mercure-info`: clients ask for a hub with live updates, are told that there is none, and do without. */
export function mercureController({ apiKeys }: { readonly apiKeys: Pick<ApiKeyService, 'authenticate'> }) {
  return new Elysia({ name: 'mercure', prefix: '/rest/v3' }).get(
    '/mercure-info',
    async ({ request }): Promise<never> => {
      await apiKeys.authenticate(request.headers.get('x-api-key'));
      throw new AppError('mercure-not-configured', 'This instance is not integrated with a mercure hub.');
    },
    {
      detail: operation('mercureInfo', 'Ask for live updates', {
        tags: ['Integrations'],
        responses: {
          200: { description: 'Where the hub is; not answered yet.' },
          ...problems({ 501: 'There is no Mercure hub.' }),
        },
      }),
    },
  );
}
