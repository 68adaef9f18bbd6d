import { Type } from '@sinclair/typebox';
import { Elysia } from 'elysia';
import type { ApiKeyService } from '../api-keys/service.ts';
import { asFields } from '../lib/field-reader.ts';
import type { DomainRow, NotFoundRedirects } from '../redirect/domains.ts';
import { DEFAULT_DOMAIN_ID } from '../redirect/key.ts';
import { json, jsonBody, operation, problems } from '../short-urls/rest-docs.ts';
import { type RedirectsContext, readRedirects } from './request.ts';
import type { DomainService } from './service.ts';

export interface DomainsOptions extends RedirectsContext {
  readonly domains: Pick<DomainService, 'list' | 'setRedirects'>;
  /** The configured redirects, for domains that have none of their own. */
  readonly defaultRedirects: NotFoundRedirects;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
}

const tags = ['Domains'];

const Target = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

const redirects = {
  baseUrlRedirect: Target('Where visitors of the bare domain go.'),
  regular404Redirect: Target('Where visitors of any other path go that does not exist.'),
  invalidShortUrlRedirect: Target('Where visitors of an unknown short code go.'),
};
const Redirects = Type.Object(redirects);

const DomainList = Type.Object({
  domains: Type.Object({
    data: Type.Array(Type.Object({ domain: Type.String(), isDefault: Type.Boolean(), redirects: Redirects })),
    defaultRedirects: Redirects,
  }),
});

const RedirectsBody = Type.Object(
  { domain: Type.String({ description: 'Made if it is new.' }), ...Type.Partial(Redirects).properties },
  {
    description: 'Redirects left out stay as they are, null resets.',
    examples: [{ domain: 'go.example.com', baseUrlRedirect: 'https://example.com', invalidShortUrlRedirect: null }],
  },
);

/** Domains and their redirects by REST API v3. */
export function domainsController(options: DomainsOptions) {
  const { domains, apiKeys, defaultDomain, defaultRedirects } = options;
  const authenticate = (request: Request) => apiKeys.authenticate(request.headers.get('x-api-key'));
  const answer = (domain: DomainRow) => ({
    domain: domain.authority ?? defaultDomain,
    isDefault: domain.domainId === DEFAULT_DOMAIN_ID,
    redirects: redirectsAnswer(domain),
  });

  return new Elysia({ name: 'domains', prefix: '/rest/v3' })
    .get(
      '/domains',
      async ({ request }) => {
        const data = (await domains.list(await authenticate(request))).map(answer);
        return { domains: { data, defaultRedirects: redirectsAnswer(defaultRedirects) } };
      },
      {
        detail: operation('listDomains', 'List domains', {
          tags,
          responses: {
            200: json('The domains that are in use or have redirects; the default one first.', DomainList),
            ...problems(),
          },
        }),
      },
    )
    .patch(
      '/domains/redirects',
      async ({ request, body }) => {
        const apiKey = await authenticate(request);
        const fields = asFields(body);
        const edition = readRedirects(fields, options);
        return redirectsAnswer(await domains.setRedirects(edition, apiKey, String(fields.domain)));
      },
      {
        parse: 'json',
        detail: operation('setDomainRedirects', 'Set where visitors of a domain go who hit no short URL', {
          tags,
          requestBody: jsonBody(RedirectsBody),
          responses: {
            200: json('All redirects of the domain.', Redirects),
            ...problems({ 400: 'Fields are not valid.', 404: 'The API key has no say in this domain.' }),
          },
        }),
      },
    );
}

function redirectsAnswer({ baseUrl, regular404, invalidShortUrl }: NotFoundRedirects) {
  return { baseUrlRedirect: baseUrl, regular404Redirect: regular404, invalidShortUrlRedirect: invalidShortUrl };
}
