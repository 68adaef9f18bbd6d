import { Elysia } from 'elysia';
import { AppError } from '../lib/errors.ts';
import type { DomainDirectory } from '../redirect/domains.ts';
import { type RobotsOptions, robotsText } from './service.ts';

export interface RobotsControllerOptions extends RobotsOptions {
  readonly domains: Pick<DomainDirectory, 'ofRequest'>;
  readonly isReady: () => boolean;
}

/** Crawlers ask about once a day; whoever asks more often is to be answered by a cache. */
const HEADERS = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'public, max-age=300' };

/** `GET /robots.txt`: short URLs that were made crawlable may be crawled, and nothing else. */
export function robotsController(options: RobotsControllerOptions) {
  return new Elysia({ name: 'robots' }).get('/robots.txt', async ({ request }) => {
    if (!options.isReady()) throw new AppError('database-unavailable', 'The database has not been reached yet.');
    const text = robotsText(options, options.domains.ofRequest(request).domainId);
    // Begun before the answer is, so that an outage is a 503: to crawlers that means "nothing for now".
    const first = await text.next();
    return new Response(streamOf(first.value ?? '', text), { headers: HEADERS });
  });
}

/** Reads on when the client has taken what was read. */
function streamOf(first: string, rest: AsyncGenerator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(first)),
    async pull(controller) {
      const { value, done } = await rest.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await rest.return();
    },
  });
}
