/** Where a server on this data directory answers: superuser `hop`, database `hop`, by the unix socket in it. */
export function embeddedDatabaseUrl(directory: string): string {
  return `postgres://hop@localhost/hop?host=${encodeURIComponent(directory)}`;
}
