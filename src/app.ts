import type { Fetch } from './http/closing.ts';
import { createRedirectHandler } from './redirect/handler.ts';
import { timed } from './redirect/latency.ts';
import type { Services } from './services.ts';

export interface App {
  /** Everything that hop answers: short URLs by the hot path, the rest by the API. */
  readonly fetch: Fetch;
  /** Loads the API if that has not been done. */
  load(): Promise<void>;
}

/**
 * The API is the larger part of the program (Elysia, its schemas, its documentation), and no redirect needs it: it is
 * loaded when it is first asked for, or by `load`. That was 24 of the 108 ms to the first answer of a process.
 */
export function createApp(services: Services): App {
  const redirect = timed(createRedirectHandler(services), services.redirectLatency);
  let api: Fetch | undefined;
  let loading: Promise<Fetch> | undefined;
  const loaded = () => {
    loading ??= import('./api.ts').then(({ createApiFetch }) => {
      api = createApiFetch(services);
      return api;
    });
    return loading;
  };
  return {
    fetch: (request) =>
      redirect(request) ?? (api === undefined ? loaded().then((fetch) => fetch(request)) : api(request)),
    async load() {
      await loaded();
    },
  };
}
