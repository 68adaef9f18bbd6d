import { createApiKey } from '../../src/api-keys/admin.ts';
import type { RoleType } from '../../src/api-keys/api-key.ts';
import type { CreateShortUrl } from '../../src/short-urls/service.ts';
import type { ShortUrl } from '../../src/short-urls/short-url.ts';
import { EVERYTHING } from '../../src/short-urls/visibility.ts';
import { deleteShortUrlVisits } from '../../src/visits/deletion.ts';
import { startApp, type TestApp } from './app.ts';
import { type RestAnswer, type RestClient, restClient } from './rest.ts';
import { storeVisits, visit } from './stored-visits.ts';

/** The domain that DOMAIN_SPECIFIC is about. */
export const OWN = 'own.test';
export const DEFAULT = 's.test';
export const DOMAINS = [DEFAULT, OWN, 'other.test', 'strangers.test'] as const;
/** A tag that all short URLs have. */
export const SHARED_TAG = 'shared';
export const ORPHAN_VISITS = 128;

/** A short URL that there is before anything is asked. */
export interface Resource {
  readonly slug: string;
  readonly domain: (typeof DOMAINS)[number];
  /** Whether the key that is tested made it. */
  readonly isMine: boolean;
  /** A tag that no other one has. */
  readonly tag: string;
  /** A power of two, so that a sum tells of which ones it is. */
  readonly visits: number;
}

/** Own and foreign ones of each domain, and a domain where all are foreign. */
export const RESOURCES: readonly Resource[] = [
  ...DOMAINS.flatMap((domain) => [true, false].map((isMine) => ({ domain, isMine }))),
]
  .filter(({ domain, isMine }) => !(isMine && domain === 'strangers.test'))
  .map(({ domain, isMine }, index) => {
    const name = `${isMine ? 'mine' : 'foreign'}-${domain.replace('.test', '')}`;
    return { slug: name, domain, isMine, tag: `tag-${name}`, visits: 2 ** index };
  });

/** What roles mean, said once more and without any SQL. */
export class RoleModel {
  constructor(readonly roles: readonly RoleType[]) {}

  has(role: RoleType): boolean {
    return this.roles.includes(role);
  }

  get isRestricted(): boolean {
    return this.has('AUTHORED_SHORT_URLS') || this.has('DOMAIN_SPECIFIC');
  }

  sees({ domain, isMine }: Pick<Resource, 'domain' | 'isMine'>): boolean {
    return (isMine || !this.has('AUTHORED_SHORT_URLS')) && (domain === OWN || !this.has('DOMAIN_SPECIFIC'));
  }

  /** The default domain is known to everybody; a domain's key knows its own, and otherwise those count that are in use. */
  knowsDomain(domain: string): boolean {
    if (domain === DEFAULT) return true;
    if (this.has('DOMAIN_SPECIFIC') && !this.has('AUTHORED_SHORT_URLS')) return domain === OWN;
    return !this.isRestricted || this.seen.some((resource) => resource.domain === domain);
  }

  get seen(): Resource[] {
    return RESOURCES.filter((resource) => this.sees(resource));
  }

  get orphanVisits(): number {
    return this.has('NO_ORPHAN_VISITS') ? 0 : ORPHAN_VISITS;
  }
}

/** A hop with these short URLs and their visits, and an API key that has some roles. */
export interface RoleWorld extends AsyncDisposable {
  readonly app: TestApp;
  readonly model: RoleModel;
  readonly key: string;
  /** Asks with the key. */
  readonly ask: RestClient;
  /** Does something with a short URL like this one, which is gone afterwards. */
  withCopy<T>(resource: Resource, work: (copy: Copy) => Promise<T>): Promise<T>;
  /** As it is, whoever may see it. */
  find(slug: string, domain: string): Promise<ShortUrl | undefined>;
  /** Deletes what a test has created. */
  remove(answer: RestAnswer): Promise<void>;
  visitOrphans(): Promise<void>;
}

export type Copy = Pick<Resource, 'slug' | 'domain'>;

export async function startRoleWorld(roles: readonly RoleType[]): Promise<RoleWorld> {
  const app = await startApp({ DEFAULT_DOMAIN: DEFAULT });
  const { database, shortUrls } = app.services;
  const domainIds = new Map<string, number>([[DEFAULT, 0]]);
  for (const domain of DOMAINS.slice(1)) domainIds.set(domain, await app.addDomain(domain));
  const authority = roles.includes('DOMAIN_SPECIFIC') ? OWN : null;
  const { key } = await createApiKey(database, { name: 'me', expiresAt: null, roles, authority });
  await createApiKey(database, { name: 'somebody', expiresAt: null, roles: [], authority: null });
  const ids = await app.sql<{ name: string; id: number }[]>`select name, api_key_id::int as id from api_keys`;
  const idOf = (name: string) => ids.find((row) => row.name === name)?.id ?? null;
  const domainIdOf = (domain: string) => domainIds.get(domain) ?? Number.NaN;

  const create = (fields: Omit<CreateShortUrl, 'domainId' | 'longUrl'>, { domain, isMine }: Resource) =>
    shortUrls.create({
      domainId: domainIdOf(domain),
      longUrl: longUrlOf(String(fields.customSlug)),
      authorApiKeyId: idOf(isMine ? 'me' : 'somebody'),
      ...fields,
    });
  const visitOrphans = () =>
    storeVisits(
      database,
      Array.from({ length: ORPHAN_VISITS }, () => visit()),
    );
  const find = (slug: string, domain: string) =>
    shortUrls.find({ domainId: domainIdOf(domain), shortCode: slug }, EVERYTHING);
  const remove = async (slug: string, domain: string) =>
    void (await shortUrls.delete({ domainId: domainIdOf(domain), shortCode: slug }, EVERYTHING));

  const made = await Promise.all(
    RESOURCES.map(async (resource) => {
      const { slug, tag, visits } = resource;
      const { domainId, shortUrlId } = await create({ customSlug: slug, tags: [tag, SHARED_TAG] }, resource);
      const visited = { kind: 'short_url', shortCode: slug, domainId, shortUrlId, visitedUrl: slug } as const;
      return Array.from({ length: visits }, () => visit(visited));
    }),
  );
  await storeVisits(database, made.flat());
  await visitOrphans();

  return {
    app,
    model: new RoleModel(roles),
    key,
    ask: restClient(app, key),
    find,
    visitOrphans,
    remove: ({ body }) => remove(body.shortCode, body.domain ?? DEFAULT),
    async withCopy(resource, work) {
      const copy = { slug: `copy-of-${resource.slug}`, domain: resource.domain };
      const { domainId, shortCode, shortUrlId } = await create({ customSlug: copy.slug }, resource);
      const row = { domainId, shortCode, shortUrlId };
      await storeVisits(database, [visit({ kind: 'short_url', ...row })]);
      try {
        return await work(copy);
      } finally {
        await deleteShortUrlVisits(database, row);
        await remove(copy.slug, copy.domain);
      }
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

export function longUrlOf(slug: string): string {
  return `https://example.com/${slug}`;
}
