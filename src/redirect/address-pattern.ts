import ipaddr from 'ipaddr.js';

/** An IP address, IPv4 where it is one in disguise (`::ffff:1.2.3.4`). */
export type Address = ReturnType<typeof ipaddr.process>;

export type AddressPattern = (address: Address) => boolean;

/** Text → the addresses it means: one (`1.2.3.4`), a network (`2001:db8::/32`), or IPv4 with wildcards (`1.2.*.4`). */
export function parseAddressPattern(text: string): AddressPattern | undefined {
  if (text.includes('*')) return wildcards(text);
  return text.includes('/') ? network(text) : single(text);
}

/** Undefined for what is none. IPv4 has four decimal numbers: other spellings are read differently by different readers. */
export function parseAddress(text: string): Address | undefined {
  const isAddress = text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text);
  return isAddress && !text.includes('%') ? ipaddr.process(text) : undefined;
}

function single(text: string): AddressPattern | undefined {
  const wanted = parseAddress(text)?.toString();
  return wanted === undefined ? undefined : (address) => address.toString() === wanted;
}

function network(text: string): AddressPattern | undefined {
  const isNetwork = text.includes(':') ? ipaddr.IPv6.isValidCIDR(text) : ipaddr.IPv4.isValidCIDRFourPartDecimal(text);
  if (!isNetwork) return undefined;
  const [start, bits] = ipaddr.parseCIDR(text);
  return (address) => address.kind() === start.kind() && address.match([start, bits] as never);
}

function wildcards(text: string): AddressPattern | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parseAddress(parts.map((part) => (part === '*' ? '0' : part)).join('.'))) return undefined;
  return (address) => {
    const octets = address.kind() === 'ipv4' ? address.toByteArray() : [];
    return octets.length > 0 && parts.every((part, i) => part === '*' || Number(part) === octets[i]);
  };
}
