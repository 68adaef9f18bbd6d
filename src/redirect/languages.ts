/** Preferences below this do not count: what a visitor merely puts up with is no reason to lead them elsewhere. */
const MIN_QUALITY = 0.9;

/** The languages that an Accept-Language header prefers, in lower case: `en-US, fr;q=0.9, *;q=0.5` → `en-us`, `fr`. */
export function preferredLanguages(header: string | null): readonly string[] {
  if (header === null) return [];
  return header
    .split(',')
    .filter((item) => qualityOf(item) >= MIN_QUALITY)
    .map((item) => normaliseLanguage(item.split(';', 1)[0] ?? ''))
    .filter((language) => language !== '' && language !== '*');
}

/** `en_US` → `en-us`. */
export function normaliseLanguage(language: string): string {
  return language.trim().toLowerCase().replaceAll('_', '-');
}

/** Whether a language is in the range of another (RFC 4647, 3.3.1): `en-gb` is in `en`, not the other way round. */
export function isInLanguageRange(language: string, range: string): boolean {
  return language === range || language.startsWith(`${range}-`);
}

/** Of one item (RFC 9110, 12.4.2); 1 where none is given. */
function qualityOf(item: string): number {
  const quality = /;\s*q\s*=\s*([\d.]+)/i.exec(item)?.[1];
  return quality === undefined ? 1 : Number(quality);
}
