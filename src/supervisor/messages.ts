// What the supervisor and its children say to each other: JSON over the channel that Bun.spawn opens (`ipc`). Signals
// are for people; among our own processes a message is known to have been meant.

/** What a child does: HTTP, or bringing visits from the journals to PostgreSQL. Also its verb: `hop web`. */
export type Role = 'web' | 'recorder';

export type ToSupervisor =
  /** It has begun its work; a web process: it listens, on this port (undefined: on a unix socket). */
  | { readonly type: 'started'; readonly port?: number | undefined }
  /** Its database has been reached for the first time. */
  | { readonly type: 'ready' }
  /** Each HEARTBEAT_MS: its event loop turns. `isDatabaseUp`: whether it can reach its database just now. */
  | { readonly type: 'heartbeat'; readonly isDatabaseUp: boolean }
  /** It ends: on request, or by a signal of somebody else's. */
  | { readonly type: 'draining' }
  /** It cannot work, and starting it again would not help as long as nothing else changes. */
  | { readonly type: 'fatal'; readonly message: string }
  /** Answers the request with this id. `snapshot` is whatever the role's metrics are, as JSON. */
  | { readonly type: 'metrics'; readonly id: number; readonly snapshot: unknown }
  /** The same once its work is done, so that nothing it has counted is missing. */
  | { readonly type: 'last-metrics'; readonly snapshot: unknown };

export type ToChild =
  /** Everything that it needs has been started; until then it has loaded its program and waits. */
  | { readonly type: 'begin' }
  /** No other web process listens: do so now, ready or not. */
  | { readonly type: 'listen' }
  /** End in order, and be gone within this time. `delayMs`: how long a web process still accepts connections. */
  | { readonly type: 'drain'; readonly delayMs: number; readonly withinMs: number }
  /** Answer with `metrics`. */
  | { readonly type: 'metrics'; readonly id: number };

export const HEARTBEAT_MS = 1_000;
