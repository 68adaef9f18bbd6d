/** What was hit: a short URL, or one of the three kinds of orphan visit. */
export type VisitKind = 'short_url' | 'base_url' | 'invalid_short_url' | 'regular_404';

/** A visit as it is captured on the redirect and journaled; classified later, by the recorder. */
export interface VisitRecord {
  readonly kind: VisitKind;
  readonly domainId: number;
  /** Empty and 0 for orphan visits. */
  readonly shortCode: string;
  readonly shortUrlId: number;
  readonly timeMs: number;
  readonly referrer: string;
  readonly userAgent: string;
  /** Anonymised unless configured otherwise; empty when unknown or not tracked. */
  readonly address: string;
  readonly visitedUrl: string;
  readonly redirectUrl: string;
}

/** Longest text of a visit, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 2048;
/** Between the fields of a record; in none of them. */
const FIELD_SEPARATOR = '\x1f';
const KINDS: readonly VisitKind[] = ['short_url', 'base_url', 'invalid_short_url', 'regular_404'];
const FIELD_COUNT = 10;

/** The record as one line of text without control characters but its separators. Never throws. */
export function encodeVisit(visit: VisitRecord): string {
  return (
    KINDS.indexOf(visit.kind) +
    FIELD_SEPARATOR +
    visit.domainId +
    FIELD_SEPARATOR +
    visit.shortCode +
    FIELD_SEPARATOR +
    visit.shortUrlId +
    FIELD_SEPARATOR +
    visit.timeMs +
    FIELD_SEPARATOR +
    safeText(visit.referrer) +
    FIELD_SEPARATOR +
    safeText(visit.userAgent) +
    FIELD_SEPARATOR +
    visit.address +
    FIELD_SEPARATOR +
    safeText(visit.visitedUrl) +
    FIELD_SEPARATOR +
    safeText(visit.redirectUrl)
  );
}

/** Undefined for text that is no record, which a frame with a good checksum cannot hold unless its writer was newer. */
export function decodeVisit(text: string): VisitRecord | undefined {
  const fields = text.split(FIELD_SEPARATOR);
  if (fields.length !== FIELD_COUNT) return undefined;
  const [kindIndex, domainId, shortCode = '', shortUrlId, timeMs, referrer = '', userAgent = '', ...rest] = fields;
  const [address = '', visitedUrl = '', redirectUrl = ''] = rest;
  const kind = KINDS[Number(kindIndex)];
  const numbers = [Number(domainId), Number(shortUrlId), Number(timeMs)];
  if (kind === undefined || !numbers.every(Number.isSafeInteger)) return undefined;
  const [domain = 0, shortUrl = 0, time = 0] = numbers;
  return {
    kind,
    domainId: domain,
    shortCode,
    shortUrlId: shortUrl,
    timeMs: time,
    referrer,
    userAgent,
    address,
    visitedUrl,
    redirectUrl,
  };
}

/** Cut, well-formed, and without control characters: they would break records apart, and PostgreSQL refuses NUL. */
function safeText(text: string): string {
  const cut = text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text;
  return UNSAFE.test(cut) ? cut.toWellFormed().replace(CONTROLS, ' ') : cut;
}

const UNSAFE = /[\0-\x1f\x7f\ud800-\udfff]/;
const CONTROLS = /[\0-\x1f\x7f]/g;
