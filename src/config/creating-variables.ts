import { Type } from '@sinclair/typebox';
import { boolean, bytes, choice, integer, text } from './schema.ts';

const KiB = 2 ** 10;
const MiB = 2 ** 20;

/** How short URLs are made and deleted, and by whom. */
export const creating = {
  DEFAULT_SHORT_CODES_LENGTH: integer({
    default: 7,
    minimum: 4,
    maximum: 32,
    description: 'Length of generated short codes.',
  }),
  SHORT_URL_MODE: choice(['strict', 'loose'], {
    default: 'strict',
    description:
      'With `loose`, codes are made and stored in lower case, and found in any case (A to Z). See `hop codes` before switching.',
  }),
  MULTI_SEGMENT_SLUGS_ENABLED: boolean({
    default: false,
    description: 'Whether slugs may have slashes within, such as `docs/intro`; otherwise each becomes a `-`.',
  }),
  DELETE_SHORT_URL_THRESHOLD: Type.Optional(
    integer({
      derived: 'no limit',
      minimum: 0,
      maximum: 1_000_000_000,
      description: 'A short URL with more visits than this cannot be deleted.',
    }),
  ),
  ANONYMOUS_CREATE: Type.Optional(
    boolean({
      derived: '`true` when embedded and `HOST` is loopback, else `false`',
      description: 'Whether `POST /` works without an API key.',
    }),
  ),
  INITIAL_API_KEY: Type.Optional(
    text('api-key', { secret: true, description: 'API key to make on the first start, when there is none yet.' }),
  ),
  CREATE_QUEUE_MAX: integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Creates of a process that may wait for the database; more are answered with 503.',
  }),
  BODY_MAX_BYTES: bytes({
    default: MiB,
    minimum: 64 * KiB,
    maximum: 64 * MiB,
    description: 'Largest request body.',
  }),
};
