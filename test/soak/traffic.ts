import { seededRandom } from '../support/random.ts';
import type { Supervised } from '../support/supervised.ts';

/** Links that are in the database from the start: more than the cache of the soak holds. */
export const SEEDED = 100_000;
const CLIENTS = 8;
/** So that the load leaves the machine some rest: what is looked for is growth, not the limit. */
const PAUSE_MS = 10;

type Kind = 'hit' | 'miss' | 'unknown' | 'create' | 'edit' | 'list' | 'visits';
const WEIGHTS: Record<Kind, number> = { hit: 40, miss: 30, unknown: 10, create: 5, edit: 5, list: 5, visits: 5 };
const KINDS = Object.entries(WEIGHTS).flatMap(([kind, weight]) => Array<Kind>(weight).fill(kind as Kind));
const EXPECTED: Record<Kind, number> = {
  ...{ hit: 302, miss: 302, unknown: 404, create: 200, edit: 200, list: 200, visits: 200 },
};

export async function seedLinks({ sql }: Supervised): Promise<void> {
  await sql`
    insert into short_urls (domain_id, short_code, create_id, long_url)
    select 0, 'soak' || i, gen_random_uuid(), 'https://example.com/soak/' || i from generate_series(0, ${SEEDED - 1}::int) as i`;
}

/** Asks for everything, for a while; what was asked, and answers that had another status than they should. */
export class Traffic {
  readonly asked: Record<Kind, number> = { hit: 0, miss: 0, unknown: 0, create: 0, edit: 0, list: 0, visits: 0 };
  readonly wrong = new Map<string, number>();
  readonly #stage: Supervised;
  readonly #apiKey: string;
  readonly #random = seededRandom(1);
  readonly #clients: Promise<void>[];
  #isOver = false;

  constructor(stage: Supervised, apiKey: string) {
    this.#stage = stage;
    this.#apiKey = apiKey;
    this.#clients = Array.from({ length: CLIENTS }, () => this.#converse());
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #converse(): Promise<void> {
    while (!this.#isOver) {
      const kind = KINDS[this.#random(KINDS.length)] ?? 'hit';
      const status = await this.#ask(kind).catch((error: unknown) => String(error));
      this.asked[kind]++;
      const what = `${kind}: ${status}`;
      if (status !== EXPECTED[kind]) this.wrong.set(what, (this.wrong.get(what) ?? 0) + 1);
      await Bun.sleep(PAUSE_MS);
    }
  }

  async #ask(kind: Kind): Promise<number> {
    const code = `soak${this.#random(SEEDED)}`;
    if (kind === 'hit') return this.#send('GET', this.#stage.path);
    if (kind === 'miss') return this.#send('GET', `/${code}`);
    if (kind === 'unknown') return this.#send('GET', `/none${this.#random(1e9)}`);
    if (kind === 'list') return this.#send('GET', `/rest/v3/short-urls?page=${1 + this.#random(50)}`);
    if (kind === 'visits') return this.#send('GET', `/rest/v3/short-urls${this.#stage.path}/visits`);
    const longUrl = `https://example.com/${kind}/${this.#random(1e9)}`;
    if (kind === 'edit') return this.#send('PATCH', `/rest/v3/short-urls/${code}`, { longUrl });
    return this.#send('POST', '/rest/v3/short-urls', { longUrl, tags: ['soak'] });
  }

  async #send(method: string, path: string, body?: object): Promise<number> {
    const answer = await fetch(this.#stage.url + path, {
      ...{ method, redirect: 'manual' },
      headers: path.startsWith('/rest') ? { 'x-api-key': this.#apiKey, 'content-type': 'application/json' } : {},
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    await answer.arrayBuffer();
    return answer.status;
  }
}
