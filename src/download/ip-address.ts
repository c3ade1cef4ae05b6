import { BlockList, isIP, isIPv4 } from 'node:net';

/** Networks that are not the public internet (IANA's special-purpose registries), and those of clouds' metadata. */
const PRIVATE = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '::1/128',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** Addresses of networks. */
export class AddressSet {
  readonly #list = new BlockList();

  /** @param networks `address/bits`, or a single address. @throws {RangeError} when one is neither. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const parsed = parseNetwork(network);
      if (!parsed) throw new RangeError(`${network} is no network`);
      this.#list.addSubnet(parsed.address, parsed.bits, parsed.family);
    }
  }

  has(address: string): boolean {
    const bare = address.replace(/%.*$/, '');
    return this.#list.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6');
  }
}

const notPublic = new AddressSet(PRIVATE);

/** Whether an IP address lies outside the public internet, also when it only wraps an IPv4 address that does. */
export function isPrivateAddress(address: string): boolean {
  return everyFormOf(address).some((form) => notPublic.has(form));
}

/** An address, and the IPv4 address inside it that a gateway or the system would connect to. */
export function everyFormOf(address: string): readonly string[] {
  const bare = address.replace(/%.*$/, '');
  const inner = isIPv4(bare) ? null : wrappedIPv4(bare);
  return inner === null ? [bare] : [bare, inner];
}

/** Reads `address/bits` or an address; null: it is neither. */
export function parseNetwork(
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' } | null {
  const [, address = '', bits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return null;
  const all = version === 4 ? 32 : 128;
  const given = bits === undefined ? all : Number(bits);
  return given > all ? null : { address, bits: given, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Whether a setting names a place: a network, an address or a host (`*.example.org` too). */
export function isPlace(text: string): boolean {
  if (parseNetwork(text)) return true;
  const host = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(
    text,
  );
  // What looks like an address and is none would be taken for a name that never fits.
  return host && !/^[\d.]+$/.test(text);
}

/** `::a.b.c.d`, `::ffff:a.b.c.d`, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), 6to4 (2002::/16). */
function wrappedIPv4(address: string): string | null {
  const groups = groupsOf(address);
  if (groups === null) return null;
  const [a = 0, b = 0, c = 0] = groups;
  const head = groups.slice(0, 5);
  const sixth = groups[5] ?? 0;
  if (head.every((group) => group === 0) && (sixth === 0 || sixth === 0xffff)) return dotted(groups.slice(6));
  // IPv4-translated: ::ffff:0:a.b.c.d
  if (groups.slice(0, 4).every((group) => group === 0) && groups[4] === 0xffff && sixth === 0)
    return dotted(groups.slice(6));
  if (a === 0x64 && b === 0xff9b) return dotted(groups.slice(6));
  if (a === 0x2002) return dotted([b, c]);
  return null;
}

/** The eight groups of an IPv6 address; null: it is none. */
function groupsOf(address: string): number[] | null {
  const url = URL.parse(`http://[${address}]/`);
  if (url === null) return null;
  const [front = '', back] = url.hostname.slice(1, -1).split('::');
  const left = front === '' ? [] : front.split(':');
  const right = back === undefined || back === '' ? [] : back.split(':');
  const zeros = Array.from({ length: back === undefined ? 0 : 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

function dotted([high = 0, low = 0]: readonly number[]): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
