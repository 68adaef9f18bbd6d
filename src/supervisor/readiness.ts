/** Whether requests should be sent here, and if not, why. */
export interface Readiness {
  readonly isReady: boolean;
  /** For people; empty when ready. */
  readonly reasons: readonly string[];
}

/** A web process as far as readiness is concerned. */
interface WebProcess {
  /** It listens. */
  readonly isStarted: boolean;
  /** It has reached its database once since it started. */
  readonly isReady: boolean;
}

/** Ready is who has reached the database once, listens, and is not about to end: one web process will do. */
export function readiness(webs: readonly WebProcess[], isStopping: boolean): Readiness {
  const reasons: string[] = [];
  if (isStopping) reasons.push('hop is ending');
  if (!webs.some(({ isStarted }) => isStarted)) reasons.push('no web process listens');
  else if (!webs.some(({ isReady }) => isReady)) reasons.push('no web process has reached the database yet');
  return { isReady: reasons.length === 0, reasons };
}
