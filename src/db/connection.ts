import type postgres from 'postgres';

/** A database URL with a single host. */
export type Target = string;

/**
 * What the driver needs for a database URL. Beyond what the driver itself understands: libpq's way to name a unix
 * socket directory, `postgres://user@localhost/name?host=/directory`, which the driver would send to the server as a
 * setting. 64-bit integers become numbers: our ids and counters stay far below 2^53.
 */
export function connectionOptions(databaseUrl: Target): postgres.Options<{ bigint: postgres.PostgresType<number> }> {
  const url = new URL(databaseUrl);
  const socketDirectory = url.searchParams.get('host');
  const password = decodeURIComponent(url.password);
  const sslMode = url.searchParams.get('sslmode');
  return {
    host: socketDirectory ?? (url.hostname === '' ? 'localhost' : url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    username: decodeURIComponent(url.username) || 'postgres',
    ...(password !== '' && { password }),
    ...(sslMode !== null && sslMode !== 'disable' && { ssl: sslMode as 'require' }),
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    onnotice: () => {},
  };
}
