/** The embedded PostgreSQL cannot run. The message is for the person at the terminal: what is wrong, then what to do. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = 'EmbeddedDatabaseError';
}
