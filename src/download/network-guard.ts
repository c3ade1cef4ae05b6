import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { RekindleError } from '../domain/error-codes.ts';
import type { NetworkRules } from '../domain/network-rules.ts';
import { AddressSet, everyFormOf, isPrivateAddress, parseNetwork } from './ip-address.ts';

/** Finds addresses as `dns.lookup` does; for tests. */
export type Lookup = typeof systemLookup;

/**
 * Lets connections go only where the rules allow: names by the addresses that they stand for at the moment of
 * connecting, so that no name can be changed between the check and the connection.
 */
export class NetworkGuard {
  readonly #rules: NetworkRules;
  readonly #allowed: Places;
  readonly #denied: Places;
  readonly #lookup: Lookup;

  constructor(rules: NetworkRules, lookup: Lookup = systemLookup) {
    this.#rules = rules;
    this.#allowed = new Places(rules.allow);
    this.#denied = new Places(rules.deny);
    this.#lookup = lookup;
  }

  /**
   * Checks what an address says by itself, before anything is connected: the host's name, or its IP address. What a name
   * stands for is checked by {@link lookup}.
   * @throws {RekindleError} ADDRESS_FORBIDDEN
   */
  check(url: URL): void {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (this.#denied.hasName(host)) throw forbidden(host, null);
    if (isIP(host) !== 0 && !this.#permits(host, host)) throw forbidden(host, null);
  }

  /** For `net.connect` and `tls.connect`: gives only addresses that may be connected to. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    this.#lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const permitted = found.filter(({ address }) => this.#permits(host, address));
      const [first] = permitted;
      if (!first) return callback(forbidden(host, found[0]?.address ?? null), []);
      if (options.all) callback(null, permitted);
      else callback(null, first.address, first.family);
    });
  };

  #permits(host: string, address: string): boolean {
    if (this.#denied.hasName(host) || this.#denied.hasAddress(address)) return false;
    if (this.#rules.allowPrivate || !isPrivateAddress(address)) return true;
    return this.#allowed.hasName(host) || this.#allowed.hasAddress(address);
  }
}

/** Networks and host names. */
class Places {
  readonly #networks: AddressSet;
  readonly #names: ReadonlySet<string>;
  readonly #suffixes: readonly string[];

  constructor(places: readonly string[]) {
    this.#networks = new AddressSet(places.filter((place) => parseNetwork(place)));
    const names = places.filter((place) => !parseNetwork(place)).map(nameOf);
    this.#names = new Set(names.filter((name) => !name.startsWith('*.')));
    this.#suffixes = names.filter((name) => name.startsWith('*.')).map((name) => name.slice(1));
  }

  hasName(host: string): boolean {
    const name = nameOf(host);
    return this.#names.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix));
  }

  hasAddress(address: string): boolean {
    return everyFormOf(address).some((form) => this.#networks.has(form));
  }
}

/** A dot at the end means the same host. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

function forbidden(host: string, address: string | null): RekindleError {
  const what = address === null || address === host ? host : `${host} (${address})`;
  return new RekindleError('ADDRESS_FORBIDDEN', `tasks may not connect to ${what}`, {
    hint: 'Who runs rekindle can allow it by network.allow (or network.allow_private) in the configuration, unless network.deny names it.',
    facts: { host, address },
  });
}
