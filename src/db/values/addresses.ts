import { isIP, isIPv6 } from 'node:net';

/** An IPv6 address in its shortest form (Django 5.2 utils/ipv6.py, clean_ipv6_address); undefined for what is none. */
export function shortIpv6(text: string): string | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const parts = [high, low].map((part) => Number.parseInt(part, 16)).flatMap((part) => [part >> 8, part & 255]);
  return `::ffff:${parts.join('.')}`;
}

/** The one form of an address by which two are the same host's, one of IPv4 within IPv6 too; undefined for what is none. */
export function hostAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (isIP(trimmed) === 4) return trimmed;
  return shortIpv6(trimmed)?.replace(/^::ffff:(?=\d+\.)/, '');
}
