/** Holds back who tries codes out. Known codes are never asked about, so that nobody's links stop working for it. */
export interface ScanGuard {
  /** The answer for a visitor who has asked for too many codes that do not exist; undefined for all others. */
  refusal(request: Request): Response | undefined;
  /** This request was for a code that does not exist. */
  count(request: Request): void;
}
