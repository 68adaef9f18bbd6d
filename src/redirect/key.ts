/** The default domain's id: row 0 of `domains`. */
export const DEFAULT_DOMAIN_ID = 0;

/**
 * The cache's key of a short code on a domain. A code of the default domain is its own key, so that the common case
 * builds no string; NUL separates the others and is in no slug.
 */
export function linkKey(domainId: number, shortCode: string): string {
  return domainId === DEFAULT_DOMAIN_ID ? shortCode : `${domainId}\0${shortCode}`;
}
