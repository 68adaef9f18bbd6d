import { Type } from '@sinclair/typebox';
import { integer, milliseconds } from './schema.ts';

/** How many processes serve, and how they end. */
export const processes = {
  WEB_CONCURRENCY: Type.Optional(
    integer({
      derived: '`1` when embedded and on macOS, else the cores that hop may use',
      minimum: 1,
      maximum: 256,
      description: 'Web processes, which share the port. A limit of the container or the service counts as cores.',
    }),
  ),
  DRAIN_DELAY: Type.Optional(
    milliseconds({
      derived: '`200` when embedded, else `2000`',
      minimum: 0,
      maximum: 300_000,
      description:
        'How long a process that was told to end still takes requests, answering with `Connection: close`: until load balancers have noticed.',
    }),
  ),
  DRAIN_TIMEOUT: milliseconds({
    default: 7000,
    minimum: 1000,
    maximum: 300_000,
    description:
      'Time after that to finish requests under way and to record the last visits; what is left stays on disk.',
  }),
  STUCK_TIMEOUT_MS: milliseconds({
    default: 10_000,
    minimum: 2000,
    maximum: 600_000,
    description: 'A process that shows no sign of life for so long is killed and started again.',
  }),
};
