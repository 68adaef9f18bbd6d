/** A calendar month (UTC). */
export interface Month {
  readonly year: number;
  /** From 1. */
  readonly month: number;
}

export function monthOf(timeMs: number): Month {
  const date = new Date(timeMs);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 };
}

export function monthAfter({ year, month }: Month, months = 1): Month {
  return monthOf(Date.UTC(year, month - 1 + months, 1));
}

/** `2026-11-01 00:00:00+00`. */
export function startOf({ year, month }: Month): string {
  return `${year}-${String(month).padStart(2, '0')}-01 00:00:00+00`;
}

export function startMsOf({ year, month }: Month): number {
  return Date.UTC(year, month - 1, 1);
}

/** `visits_2026_11`. */
export function partitionName(table: string, { year, month }: Month): string {
  return `${table}_${year}_${String(month).padStart(2, '0')}`;
}

/** The month in the name of a partition that we made; undefined for other tables. */
export function monthOfPartition(table: string, name: string): Month | undefined {
  const [, year, month] = new RegExp(`^${table}_(\\d{4})_(\\d{2})$`).exec(name) ?? [];
  return year === undefined ? undefined : { year: Number(year), month: Number(month) };
}
