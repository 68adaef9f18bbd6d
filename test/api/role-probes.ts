import type { RestAnswer } from '../support/rest.ts';
import {
  type Copy,
  DEFAULT,
  DOMAINS,
  longUrlOf,
  OWN,
  RESOURCES,
  type Resource,
  type RoleWorld,
  SHARED_TAG,
} from '../support/role-world.ts';

/** What came of asking a route, and what has to come of it, in the same words. */
export type Outcome = readonly [actual: unknown, expected: unknown];

/** Asks a route for everything that there is: own and foreign. */
export type Probe = (world: RoleWorld) => Promise<Outcome>;

/** Answers without a key. */
export const isPublic = (route: string): boolean => PUBLIC.test(route);
const PUBLIC = /^GET \/rest\/(v3\/health|docs.*)$/;

/** By method and path of the router: a route that is missing here fails the test of the matrix. */
export const PROBES: Readonly<Record<string, Probe>> = {
  'GET /rest/v3/short-urls': async (world) => {
    const filters: Readonly<Record<string, (resource: Resource) => boolean>> = {
      '': () => true,
      'searchTerm=foreign': ({ isMine }) => !isMine,
      'apiKeyName=me': ({ isMine }) => isMine,
      // Passed over for keys with roles, which get all of theirs whatever name they ask for.
      'apiKeyName=somebody': ({ isMine }) => world.model.roles.length > 0 || !isMine,
      'domain=DEFAULT': ({ domain }) => domain === DEFAULT,
      [`tags[]=${SHARED_TAG}&orderBy=visits-DESC`]: () => true,
      ...Object.fromEntries(DOMAINS.map((name) => [`domain=${name}`, ({ domain }: Resource) => domain === name])),
    };
    return each(
      Object.entries(filters),
      ([query]) => query,
      async ([query]) => slugsOf(await world.ask('GET', `/short-urls?itemsPerPage=50&${query}`)),
      ([, fits]) => withTotal(world.model.seen.filter(fits).map(({ slug }) => slug)),
    );
  },
  'POST /rest/v3/short-urls': async (world) =>
    each(
      DOMAINS,
      (domain) => domain,
      (domain) => creation(world, () => world.ask('POST', '/short-urls', { longUrl: longUrlOf('new'), domain })),
      (domain) => createdUnder(world, domain),
    ),
  'POST /rest/v3/short-urls/bulk': async (world) =>
    each(
      RESOURCES,
      ({ slug }) => slug,
      async ({ slug, domain }) => {
        const asked = { longUrl: longUrlOf(slug), domain, findIfExists: true };
        const answer = await world.ask('POST', '/short-urls/bulk', { shortUrls: [asked] });
        return found(world, { ...answer, body: answer.body.results?.[0]?.shortUrl }, slug);
      },
      (resource) => world.model.sees(resource),
    ),
  'GET /rest/v3/short-urls/shorten': async (world) => {
    const query = new URLSearchParams({ apiKey: world.key, longUrl: longUrlOf('new') });
    const actual = await creation(world, () => world.ask('GET', `/short-urls/shorten?${query}`));
    return [actual, createdUnder(world, DEFAULT)];
  },
  'GET /rest/v3/short-urls/:shortCode': async (world) =>
    ofShortUrls(world, async (resource) => outcome(await world.ask('GET', pathOf(resource)))),
  'PATCH /rest/v3/short-urls/:shortCode': changes(async (world, copy) => {
    const answer = await world.ask('PATCH', pathOf(copy), { title: 'changed' });
    return [answer, (await world.find(copy.slug, copy.domain))?.title === 'changed'];
  }),
  'DELETE /rest/v3/short-urls/:shortCode': changes(async (world, copy) => {
    const answer = await world.ask('DELETE', pathOf(copy));
    return [answer, (await world.find(copy.slug, copy.domain)) === undefined];
  }),
  'GET /rest/v3/short-urls/:shortCode/redirect-rules': async (world) =>
    ofShortUrls(world, async (resource) => outcome(await world.ask('GET', pathOf(resource, '/redirect-rules')))),
  'POST /rest/v3/short-urls/:shortCode/redirect-rules': changes(async (world, copy) => {
    const rule = { longUrl: longUrlOf('ruled'), conditions: [{ type: 'language', matchKey: null, matchValue: 'en' }] };
    const answer = await world.ask('POST', pathOf(copy, '/redirect-rules'), { redirectRules: [rule] });
    return [answer, (await world.find(copy.slug, copy.domain))?.hasRedirectRules === true];
  }),
  'GET /rest/v3/short-urls/:shortCode/visits': async (world) =>
    ofShortUrls(
      world,
      async (resource) => counted(await world.ask('GET', pathOf(resource, '/visits'))),
      ({ visits }) => visits,
    ),
  'GET /rest/v3/short-urls/:shortCode/stats': async (world) =>
    ofShortUrls(
      world,
      async (resource) => counted(await world.ask('GET', pathOf(resource, '/stats', STATS))),
      ({ visits }) => visits,
    ),
  'DELETE /rest/v3/short-urls/:shortCode/visits': changes(async (world, copy) => {
    const answer = await world.ask('DELETE', pathOf(copy, '/visits'));
    return [answer, (await world.find(copy.slug, copy.domain))?.visits.nonBots === 0];
  }),
  'GET /rest/v3/tags': async ({ ask, model }) => {
    const { body } = await ask('GET', '/tags');
    return [body.tags.data, tagsSeen(model.seen)];
  },
  'GET /rest/v3/tags/stats': async ({ ask, model }) => {
    const { body } = await ask('GET', '/tags/stats');
    const stats: { tag: string; shortUrlsCount: number; visitsSummary: { total: number } }[] = body.tags.data;
    const actual = stats.map(({ tag, shortUrlsCount, visitsSummary }) => [tag, shortUrlsCount, visitsSummary.total]);
    return [actual, tagsSeen(model.seen).map((tag) => [tag, ...tagTotals(model.seen, tag)])];
  },
  'PUT /rest/v3/tags': async ({ ask, app, model }) => {
    const answer = await ask('PUT', '/tags', { oldName: SHARED_TAG, newName: 'renamed' });
    const renamed = await app.sql`update tags set name = ${SHARED_TAG} where name = 'renamed'`;
    return [[outcome(answer), renamed.count], model.isRestricted ? ['forbidden-tag-operation', 0] : ['ok', 1]];
  },
  'DELETE /rest/v3/tags': async ({ ask, app, model }) => {
    await app.sql`insert into tags (name) values ('spare')`;
    const answer = await ask('DELETE', '/tags?tags[]=spare');
    const left = await app.sql`delete from tags where name = 'spare'`;
    return [[outcome(answer), left.count], model.isRestricted ? ['forbidden-tag-operation', 1] : ['ok', 0]];
  },
  'GET /rest/v3/tags/:tag/visits': async (world) => ofTags(world, (tag) => `/tags/${tag}/visits`),
  'GET /rest/v3/tags/:tag/stats': async (world) => ofTags(world, (tag) => `/tags/${tag}/stats?${STATS}`),
  'GET /rest/v3/domains': async ({ ask, model }) => {
    const { body } = await ask('GET', '/domains');
    // A key of one domain is not bothered with the default one.
    const expected = DOMAINS.filter(
      (name) => model.knowsDomain(name) && !(name === DEFAULT && model.has('DOMAIN_SPECIFIC')),
    );
    return [body.domains.data.map(({ domain }: Resource) => domain), [...expected].sort(defaultFirst)];
  },
  'PATCH /rest/v3/domains/redirects': async ({ ask, app, model }) => {
    return each(
      DOMAINS,
      (domain) => domain,
      async (domain) => {
        const baseUrlRedirect = longUrlOf(domain);
        const answer = await ask('PATCH', '/domains/redirects', { domain, baseUrlRedirect });
        const written = await app.sql`
          update domains set base_url_redirect = null where base_url_redirect = ${baseUrlRedirect}`;
        return [outcome(answer), written.count];
      },
      (domain) => {
        const isInCharge = model.has('DOMAIN_SPECIFIC') ? domain === OWN : true;
        return isInCharge && !model.has('AUTHORED_SHORT_URLS') ? ['ok', 1] : ['domain-not-found', 0];
      },
    );
  },
  'GET /rest/v3/domains/:domain/visits': async (world) => ofDomains(world, (domain) => `/domains/${domain}/visits`),
  'GET /rest/v3/domains/:domain/stats': async (world) =>
    ofDomains(world, (domain) => `/domains/${domain}/stats?${STATS}`),
  'GET /rest/v3/visits': async ({ ask, model }) => {
    const { nonOrphanVisits, orphanVisits } = (await ask('GET', '/visits')).body.visits;
    return [
      [nonOrphanVisits.total, orphanVisits.total],
      [visitsOf(model.seen), model.orphanVisits],
    ];
  },
  'GET /rest/v3/visits/stats': async ({ ask, model }) => [
    counted(await ask('GET', `/visits/stats?${STATS}`)),
    visitsOf(model.seen),
  ],
  'GET /rest/v3/visits/non-orphan': async ({ ask, model }) =>
    each(
      [undefined, ...DOMAINS],
      (domain) => domain ?? 'all',
      async (domain) => visitedOf(await ask('GET', `/visits/non-orphan?${domain ? `domain=${domain}` : ''}`)),
      (domain) => {
        const seen = model.seen.filter((resource) => domain === undefined || resource.domain === domain);
        return [visitsOf(seen), seen.map(({ slug }) => slug).sort()];
      },
    ),
  'GET /rest/v3/visits/orphan': async ({ ask, model }) =>
    each(
      ['', 'type=base_url'],
      (query) => query,
      async (query) => counted(await ask('GET', `/visits/orphan?${query}`)),
      () => model.orphanVisits,
    ),
  'GET /rest/v3/visits/orphan/stats': async ({ ask, model }) => [
    counted(await ask('GET', `/visits/orphan/stats?${STATS}`)),
    model.orphanVisits,
  ],
  'DELETE /rest/v3/visits/orphan': async ({ ask, app, model, visitOrphans }) => {
    const { body } = await ask('DELETE', '/visits/orphan');
    const left = await app.sql`select from orphan_visits limit 1`;
    if (left.length === 0) await visitOrphans();
    return [
      [body.deletedVisits, left.length],
      [model.orphanVisits, model.orphanVisits === 0 ? 1 : 0],
    ];
  },
  'GET /rest/v3/mercure-info': async ({ ask }) => [
    outcome(await ask('GET', '/mercure-info')),
    'mercure-not-configured',
  ],
  'GET /rest/v3/health': async ({ ask }) => [outcome(await ask('GET', '/health')), 'ok'],
};

const STATS = 'startDate=2026-10-01T00:00:00Z&endDate=2026-12-01T00:00:00Z';

/** Asks for all of them at once. */
async function each<T>(
  items: readonly T[],
  name: (item: T) => string,
  ask: (item: T) => Promise<unknown>,
  expected: (item: T) => unknown,
): Promise<Outcome> {
  const actual = await Promise.all(items.map(async (item) => [name(item), await ask(item)]));
  return [Object.fromEntries(actual), Object.fromEntries(items.map((item) => [name(item), expected(item)]))];
}

/** What may not be seen is not there. */
function ofShortUrls(
  { model }: RoleWorld,
  ask: (resource: Resource) => Promise<unknown>,
  seen: (resource: Resource) => unknown = () => 'ok',
): Promise<Outcome> {
  const expected = (resource: Resource) => (model.sees(resource) ? seen(resource) : 'short-url-not-found');
  return each(RESOURCES, ({ slug }) => slug, ask, expected);
}

/** The answer, and whether the short URL has changed, which it must not by a refused request either. */
function changes(change: (world: RoleWorld, copy: Copy) => Promise<[RestAnswer, boolean]>): Probe {
  return (world) =>
    each(
      // Two domains tell all that roles know of domains.
      RESOURCES.filter(({ domain }) => domain === DEFAULT || domain === OWN),
      ({ slug }) => slug,
      (resource) =>
        world.withCopy(resource, async (copy) => {
          const [answer, isChanged] = await change(world, copy);
          return [outcome(answer), isChanged];
        }),
      (resource) => (world.model.sees(resource) ? ['ok', true] : ['short-url-not-found', false]),
    );
}

function ofTags({ ask, model }: RoleWorld, path: (tag: string) => string): Promise<Outcome> {
  return each(
    tagsSeen(RESOURCES),
    (tag) => tag,
    async (tag) => counted(await ask('GET', path(tag))),
    (tag) => {
      const seen = model.seen.filter((resource) => tag === SHARED_TAG || resource.tag === tag);
      return seen.length === 0 ? 'tag-not-found' : visitsOf(seen);
    },
  );
}

function ofDomains({ ask, model }: RoleWorld, path: (domain: string) => string): Promise<Outcome> {
  return each(
    DOMAINS,
    (domain) => domain,
    async (domain) => counted(await ask('GET', path(domain))),
    (domain) =>
      model.knowsDomain(domain) ? visitsOf(model.seen.filter((s) => s.domain === domain)) : 'domain-not-found',
  );
}

function outcome({ status, body }: RestAnswer): string {
  return status < 300 ? 'ok' : String(body.type).replace('https://shlink.io/api/error/', '');
}

/** How many visits a list or a statistic is about. */
function counted(answer: RestAnswer): number | string {
  const { visits, stats } = answer.body;
  return visits?.pagination.totalItems ?? stats?.visitsSummary.total ?? outcome(answer);
}

function visitedOf({ body }: RestAnswer): [total: number, slugs: string[]] {
  const visited: { visitedUrl: string }[] = body.visits.data;
  return [body.visits.pagination.totalItems, [...new Set(visited.map(({ visitedUrl }) => visitedUrl))].sort()];
}

function slugsOf({ body }: RestAnswer): unknown {
  const listed: { shortCode: string }[] = body.shortUrls.data;
  const slugs = listed.map(({ shortCode }) => shortCode).sort();
  return { slugs, total: body.shortUrls.pagination.totalItems };
}

function withTotal(slugs: readonly string[]): unknown {
  return { slugs: [...slugs].sort(), total: slugs.length };
}

/** The domain under which something was created, and whether its creator sees it. */
async function creation({ ask, remove }: RoleWorld, create: () => Promise<RestAnswer>): Promise<unknown> {
  const answer = await create();
  const { shortCode, domain } = answer.body;
  const seen = outcome(await ask('GET', pathOf({ slug: shortCode, domain: domain ?? DEFAULT })));
  await remove(answer);
  return [domain ?? DEFAULT, seen];
}

function createdUnder({ model }: RoleWorld, asked: string): unknown {
  return [model.has('DOMAIN_SPECIFIC') ? OWN : asked, 'ok'];
}

/** Whether it is the one that was there, and not a new one. */
async function found(world: RoleWorld, answer: RestAnswer, slug: string): Promise<boolean> {
  if (answer.body.shortCode === slug) return true;
  await world.remove(answer);
  return false;
}

function pathOf({ slug, domain }: Copy | { slug: string; domain: string }, below = '', query = ''): string {
  return `/short-urls/${slug}${below}?${new URLSearchParams({ domain })}&${query}`;
}

function tagsSeen(resources: readonly Resource[]): string[] {
  return [SHARED_TAG, ...resources.map(({ tag }) => tag)].sort();
}

function tagTotals(resources: readonly Resource[], tag: string): [shortUrls: number, visits: number] {
  const tagged = resources.filter((resource) => tag === SHARED_TAG || resource.tag === tag);
  return [tagged.length, visitsOf(tagged)];
}

function visitsOf(resources: readonly Resource[]): number {
  return resources.reduce((sum, { visits }) => sum + visits, 0);
}

function defaultFirst(a: string, b: string): number {
  return Number(b === DEFAULT) - Number(a === DEFAULT) || (a < b ? -1 : 1);
}
