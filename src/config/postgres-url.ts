// scheme   user   password   hosts   database   parameters
const SHAPE =
  /^(?<scheme>postgres(?:ql)?:\/\/)(?:(?<user>[^:@/?#\s]*)(?::(?<password>[^@/?#\s]*))?@)?(?<hosts>[^@/?#\s]*)(?<database>\/[^/?#\s]*)?(?<parameters>\?[^#\s]*)?$/;
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:(?<port>\d{1,5}))?$/i;

/**
 * A connection URI of libpq: several hosts separated by commas, `?host=/directory` for a unix socket.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function parsePostgresUrl(text: string): string | undefined {
  const parts = SHAPE.exec(text)?.groups;
  if (parts === undefined || !isPercentEncoded(text)) return undefined;
  const hosts = parts.hosts ?? '';
  return hosts === '' || hosts.split(',').every(isHost) ? text : undefined;
}

/** The URL with its passwords masked; of a text that is no such URL only the scheme, since anything may be a password. */
export function maskPostgresUrl(text: string): string {
  if (parsePostgresUrl(text) === undefined) return `${/^[a-z]+:\/\//i.exec(text)?.[0] ?? ''}***`;
  return (
    text
      .replace(SHAPE, (url, _scheme, _user, password?: string) =>
        password ? url.replace(`:${password}@`, ':***@') : url,
      )
      // To the end: what follows an `&` may be the rest of a password in which it was not encoded.
      .replace(/([?&](?:ssl)?password=).*/i, '$1***')
  );
}

function isHost(text: string): boolean {
  const match = HOST.exec(text);
  const port = match?.groups?.port;
  return match !== null && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
