import type { Address } from './address-pattern.ts';
import { preferredLanguages } from './languages.ts';

/** What tells something of a visitor beside the request itself; made by others, so that the hot path knows no feature. */
export interface VisitorFacts {
  /** By the User-Agent header. */
  readonly agentOf: (userAgent: string) => Agent;
  /** The visitor's IP address, as told by trusted proxies; undefined when it is not known. */
  readonly addressOf: (request: Request) => Address | undefined;
  /** Where an address is. */
  readonly placeOf: (address: Address) => Place;
}

export interface Agent {
  /** `android`, `ios`, `windows`, `macos`, `linux`, `chromeos`, or another; empty if unknown. */
  readonly os: string;
  /** `chrome`, `firefox`, `edge`, `safari`, `opera`, `android_browser`, or another; empty if unknown. */
  readonly browser: string;
}

export interface Place {
  /** ISO 3166-1, two letters. */
  readonly country: string | undefined;
  /** In English. */
  readonly city: string | undefined;
}

/** Who asks for a link with rules; each thing is found out when a condition first wants to know it. */
export class Visitor {
  readonly #request: Request;
  readonly #rawQuery: string;
  readonly #facts: VisitorFacts;
  #languages: readonly string[] | undefined;
  #parameters: ReadonlyMap<string, string> | undefined;
  #agent: Agent | undefined;
  #address: { readonly found: Address | undefined } | undefined;
  #place: Place | undefined;

  /** @param rawQuery what came after the `?`, as it came */
  constructor(
    request: Request,
    rawQuery: string,
    facts: VisitorFacts,
    readonly nowMs: number,
  ) {
    this.#request = request;
    this.#rawQuery = rawQuery;
    this.#facts = facts;
  }

  /** Preferred ones, in lower case. */
  get languages(): readonly string[] {
    this.#languages ??= preferredLanguages(this.#request.headers.get('accept-language'));
    return this.#languages;
  }

  /** Of the query, decoded; the last one of a name counts. */
  get parameters(): ReadonlyMap<string, string> {
    this.#parameters ??= new Map(new URLSearchParams(this.#rawQuery));
    return this.#parameters;
  }

  get agent(): Agent {
    this.#agent ??= this.#facts.agentOf(this.#request.headers.get('user-agent') ?? '');
    return this.#agent;
  }

  get address(): Address | undefined {
    this.#address ??= { found: this.#facts.addressOf(this.#request) };
    return this.#address.found;
  }

  get place(): Place {
    const { address } = this;
    this.#place ??= address === undefined ? NOWHERE : this.#facts.placeOf(address);
    return this.#place;
  }
}

export const NOWHERE: Place = { country: undefined, city: undefined };

/** For where there are no visitors. */
export const KNOWS_NOTHING: VisitorFacts = {
  agentOf: () => ({ os: '', browser: '' }),
  addressOf: () => undefined,
  placeOf: () => NOWHERE,
};
