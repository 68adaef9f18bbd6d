import type { ClassifiedVisit } from './classified-visit.ts';

/** A value of a dimension, as a line of `counts` begins; see visit_counts() in the schema. */
interface Label {
  /** `dimension\tvalue\t` */
  readonly text: string;
  // For linesOf alone, and 0 again when it returns, in place of a map from labels to their counts.
  nonBots: number;
  bots: number;
}

/** All that statistics tell visits apart by; visits that are alike in it share one object. */
export interface Traits {
  readonly isBot: boolean;
  readonly labels: readonly Label[];
  /** The lines of a single visit. */
  readonly lines: string;
}

/** Values come from visitors: what is longer says no more. */
const MAX_VALUE_LENGTH = 100;
const HOUR_MS = 3_600_000;

/** The traits met in one batch. */
export class TraitsOfBatch {
  readonly #known = new Map<string, Traits>();
  readonly #labels = new Map<string, Label>();

  of(visit: ClassifiedVisit): Traits {
    const { browser, os, device, referrerHost, isBot } = visit;
    const hour = hourOf(visit.timeMs);
    const country = visit.location?.countryCode ?? '';
    const kind = visit.kind === 'short_url' ? '' : visit.kind;
    const key = `${hour}\t${country}\t${browser}\t${os}\t${device}\t${isBot}\t${kind}\t${referrerHost}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const values = [`h\t${hour}`, value('c', country), value('b', browser), value('o', os), value('d', device)];
    values.push(value('r', referrerHost));
    if (kind !== '') values.push(value('k', kind));
    const labels = values.map((each) => this.#label(`${each}\t`));
    const traits = {
      isBot,
      labels,
      lines: labels.map(({ text }) => line(text, isBot ? 0 : 1, isBot ? 1 : 0)).join(''),
    };
    this.#known.set(key, traits);
    return traits;
  }

  #label(text: string): Label {
    const known = this.#labels.get(text);
    if (known !== undefined) return known;
    const label = { text, nonBots: 0, bots: 0 };
    this.#labels.set(text, label);
    return label;
  }
}

/** The lines that count these visits, one for each value. */
export function linesOf(visits: readonly Traits[]): string {
  const [first] = visits;
  if (first !== undefined && visits.length === 1) return first.lines;
  let lines = '';
  for (const label of countLabels(visits)) {
    lines += line(label.text, label.nonBots, label.bots);
    label.nonBots = label.bots = 0;
  }
  return lines;
}

/** Counts the visits at their labels, and tells which these are. */
function countLabels(visits: readonly Traits[]): Label[] {
  const counted: Label[] = [];
  for (const { isBot, labels } of visits) {
    for (const label of labels) {
      if (label.nonBots + label.bots === 0) counted.push(label);
      if (isBot) label.bots++;
      else label.nonBots++;
    }
  }
  return counted;
}

/** Of the UTC day, also for times before 1970. */
function hourOf(timeMs: number): number {
  const hour = Math.floor(timeMs / HOUR_MS) % 24;
  return hour < 0 ? hour + 24 : hour;
}

function value(dimension: string, text: string): string {
  return `${dimension}\t${UNSAFE.test(text) || text.length > MAX_VALUE_LENGTH ? safe(text) : text}`;
}

/** Without what would end the value or the line. */
function safe(text: string): string {
  return text.slice(0, MAX_VALUE_LENGTH).toWellFormed().replace(CONTROLS, ' ');
}

function line(label: string, nonBots: number, bots: number): string {
  return `${label}${nonBots}\t${bots}\n`;
}

const UNSAFE = /[\0-\x1f\x7f\ud800-\udfff]/;
const CONTROLS = /[\0-\x1f\x7f]/g;
