const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

/** A decimal integer and nothing else: no blanks, no sign but minus, no leading zeros (`010` is 8 to some). */
export function parseInteger(text: string): number | undefined {
  return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : undefined;
}

/** `64MiB`, `256MB` or a plain number of bytes; without regard to case. `64M` is refused: it means both. */
export function parseBytes(text: string): number | undefined {
  const [, digits = '', unit = 'B'] = /^(\d+)(B|[KMG]i?B)?$/i.exec(text) ?? [];
  const amount = parseInteger(digits);
  const factor = UNITS[unit.toUpperCase()];
  return amount === undefined || factor === undefined ? undefined : amount * factor;
}

/** The shortest exact form that parseBytes reads: `256MiB`, `1500`. */
export function printBytes(bytes: number): string {
  const unit = ['GiB', 'MiB', 'KiB'].find((name) => bytes % (UNITS[name.toUpperCase()] ?? 1) === 0);
  return unit === undefined || bytes === 0 ? String(bytes) : `${bytes / (UNITS[unit.toUpperCase()] ?? 1)}${unit}`;
}
