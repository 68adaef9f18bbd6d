import { Elysia, t } from 'elysia';
import type { ApiKeyService } from '../api-keys/service.ts';
import { asFields } from '../lib/field-reader.ts';
import type { Logger } from '../observability/log.ts';
import type { RuleRow } from '../redirect/rules.ts';
import type { FindKey } from '../short-urls/find-key.ts';
import type { OwnAddresses } from '../short-urls/long-url.ts';
import { json, jsonBody, NOT_FOUND, operation, problems } from '../short-urls/rest-docs.ts';
import { shortUrlNotFound } from '../short-urls/service.ts';
import { visibilityOf } from '../short-urls/visibility.ts';
import { RuleList, RulesBody } from './model.ts';
import { readRules } from './request.ts';
import type { RedirectRules } from './service.ts';
import type { RuledShortUrl } from './store.ts';

export interface RedirectRulesControllerOptions {
  readonly redirectRules: Pick<RedirectRules, 'find' | 'set'>;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
  readonly findKey: FindKey;
  /** Where no rule may lead. */
  readonly ownAddresses: OwnAddresses;
  /** Whether cities are known, so that conditions on them can be met. */
  readonly knowsCities: boolean;
  readonly log: Logger;
}

/** In the manner of a 299 of RFC 7234, 5.5: to be shown to people. Programs may pass it over. */
const NO_CITIES = '299 - "Cities are not known without GEOIP_DATABASE: rules on geolocation-city-name never match"';

const tags = ['Redirect rules'];
const ofShortCode = {
  params: t.Object({ shortCode: t.String({ description: 'The short code or slug.' }) }),
  query: t.Object({ domain: t.Optional(t.String({ description: 'Its domain, if not the default one.' })) }),
};

/** Redirect rules of a short URL by REST API v3. */
export function redirectRulesController(options: RedirectRulesControllerOptions) {
  const { redirectRules, apiKeys, findKey, ownAddresses, knowsCities, log } = options;
  const authenticate = (request: Request) => apiKeys.authenticate(request.headers.get('x-api-key'));

  return new Elysia({ name: 'redirect-rules', prefix: '/rest/v3' })
    .get(
      '/short-urls/:shortCode/redirect-rules',
      async ({ request, params, query }) => {
        const visibility = visibilityOf(await authenticate(request));
        const key = await findKey(params.shortCode, query.domain);
        const found = key && (await redirectRules.find(key, visibility));
        if (found === undefined) throw shortUrlNotFound(params.shortCode, query.domain);
        return answer(found);
      },
      {
        ...ofShortCode,
        detail: operation('listShortUrlRedirectRules', 'List the redirect rules of a short URL', {
          tags,
          responses: { 200: json('Its rules, in order of priority.', RuleList), ...problems({ 404: NOT_FOUND }) },
        }),
      },
    )
    .post(
      '/short-urls/:shortCode/redirect-rules',
      async ({ request, params, query, body, set }) => {
        const visibility = visibilityOf(await authenticate(request));
        const key = await findKey(params.shortCode, query.domain);
        // Looked up before the body is judged, as clients expect it here.
        const isThere = key !== undefined && (await redirectRules.find(key, visibility)) !== undefined;
        const rules = isThere ? readRules(asFields(body), ownAddresses) : [];
        const ruled = isThere ? await redirectRules.set(key, rules, visibility) : undefined;
        if (ruled === undefined) throw shortUrlNotFound(params.shortCode, query.domain);
        if (!knowsCities && rules.some(asksForCity)) set.headers.warning = warn(params.shortCode);
        return answer(ruled);
      },
      {
        ...ofShortCode,
        parse: 'json',
        detail: operation('setShortUrlRedirectRules', 'Set the redirect rules of a short URL', {
          tags,
          requestBody: jsonBody(RulesBody),
          responses: {
            200: json('Its rules from now on.', RuleList),
            ...problems({ 400: 'Rules are not valid.', 404: NOT_FOUND }),
          },
        }),
      },
    );

  function warn(shortCode: string): string {
    log.warn('a redirect rule on cities never matches, because GEOIP_DATABASE is not set', { shortCode });
    return NO_CITIES;
  }
}

function asksForCity({ conditions }: RuleRow): boolean {
  return conditions.some(({ type }) => type === 'geolocation-city-name');
}

function answer({ longUrl, rules }: RuledShortUrl) {
  return {
    defaultLongUrl: longUrl,
    redirectRules: rules.map((rule, index) => ({
      longUrl: rule.longUrl,
      priority: index + 1,
      conditions: rule.conditions.map(({ type, matchKey, matchValue }) => ({ type, matchKey, matchValue })),
    })),
  };
}
