import { Type } from '@sinclair/typebox';
import { addressPatterns, boolean, bytes, choice, integer, seconds, text } from './schema.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** What is recorded of visits, and how they are kept. Names are Shlink's where it has them. */
export const visits = {
  DISABLE_TRACKING: boolean({ default: false, description: 'No visit is recorded.' }),
  TRACK_ORPHAN_VISITS: boolean({
    default: true,
    description: 'Whether visits of the bare domain, of unknown short codes and of other unknown paths are recorded.',
  }),
  DISABLE_IP_TRACKING: boolean({
    default: false,
    description: 'Visits are recorded without the address, so their country is unknown.',
  }),
  DISABLE_REFERRER_TRACKING: boolean({ default: false, description: 'Visits are recorded without the referrer.' }),
  DISABLE_UA_TRACKING: boolean({
    default: false,
    description: 'Visits are recorded without the user agent, so bots, browsers and devices are unknown.',
  }),
  ANONYMIZE_REMOTE_ADDR: boolean({
    default: true,
    description: 'Whether addresses are shortened before they are written anywhere: IPv4 to /24, IPv6 to /48.',
  }),
  DISABLE_TRACK_PARAM: Type.Optional(
    text('parameter', {
      description: 'Query parameter whose presence in a short URL keeps the visit from being recorded.',
    }),
  ),
  DISABLE_TRACKING_FROM: addressPatterns({
    default: [],
    description: 'Addresses whose visits are not recorded; `*` may stand for numbers of IPv4, such as `192.168.*.*`.',
  }),
  ORPHAN_VISITS_PER_SECOND: integer({
    default: 100,
    minimum: 0,
    maximum: 1_000_000,
    description: 'Orphan visits that a process records in a second; more are dropped and counted.',
  }),
  VISITS_RETENTION: Type.Optional(
    integer({
      derived: 'for ever',
      minimum: 1,
      maximum: 36_500,
      description: 'Days that single visits are kept; totals and statistics stay.',
    }),
  ),
  GEOIP_DATABASE: Type.Optional(
    text('path', {
      description: 'MaxMind file (`.mmdb`) to find countries and cities in, instead of the one inside hop.',
    }),
  ),
  JOURNAL_SYNC: choice(['off', 'interval', 'batch'], {
    default: 'interval',
    description: 'When visits are forced to the disk: never by hop, once a second, or with each write.',
  }),
  JOURNAL_MAX_BYTES: bytes({
    default: GiB,
    minimum: MiB,
    maximum: 1024 * GiB,
    description: 'What visits may take up in `DATA_DIR/journal`; beyond it they are dropped and counted.',
  }),
  JOURNAL_KEEP: seconds({
    default: 600,
    minimum: 0,
    maximum: 86_400,
    description: 'How long journals are kept after they have been stored, to store them again after a failover.',
  }),
};
