export type RedirectStatus = 301 | 302 | 307 | 308;

export interface RedirectPolicy {
  readonly status: RedirectStatus;
  /** Cache-Control of an unconditional redirect. */
  readonly cacheControl: string;
  /** Upper bound of max-age in seconds; 0 for temporary redirects. */
  readonly maxAgeS: number;
  readonly visibility: 'private' | 'public';
  /** 307 and 308 keep the method, so that every method redirects. */
  readonly anyMethod: boolean;
}

export interface RedirectPolicyOptions {
  readonly status: RedirectStatus;
  readonly cacheLifetimeS: number;
  readonly cacheVisibility: 'private' | 'public';
}

/** Temporary redirects are asked for each time, so that each visit is seen; permanent ones live as long as configured. */
export function redirectPolicy({ status, cacheLifetimeS, cacheVisibility }: RedirectPolicyOptions): RedirectPolicy {
  const isPermanent = status === 301 || status === 308;
  const maxAgeS = isPermanent ? cacheLifetimeS : 0;
  const visibility = isPermanent ? cacheVisibility : 'private';
  return {
    status,
    maxAgeS,
    visibility,
    cacheControl: cacheControl(visibility, maxAgeS),
    anyMethod: status === 307 || status === 308,
  };
}

export function cacheControl(visibility: 'private' | 'public', maxAgeS: number): string {
  return `${visibility}, max-age=${maxAgeS}`;
}
