import { BlockList, isIP } from 'node:net';

/** What an adapter knows of a request, in whatever framework. */
export interface RawRequest {
  readonly method: string;
  /** Path and query, as the request has them. */
  readonly url: string;
  /** A header by its name in small letters; several of one name are joined. */
  header(name: string): string | undefined;
  /** Address of whoever has sent it; undefined where that is not known, and for sockets of this machine. */
  readonly remoteAddress: string | undefined;
  /** Whether it came over TLS to this process. */
  readonly encrypted: boolean;
}

/** What a request is, once the proxies that are trusted have been heard. */
export interface RequestFacts extends RawRequest {
  /** Whether the visitor's browser speaks HTTPS. */
  readonly secure: boolean;
  /** With its port, as the browser names it. */
  readonly host: string;
  /** The visitor's own address. */
  readonly clientAddress: string | undefined;
}

/** Makes what tells whether a proxy is trusted. @throws RangeError for what is neither an address nor a network. */
export function trustedProxies(list: readonly string[]): (address: string | undefined) => boolean {
  if (list.length === 0) return () => false;
  const trusted = new BlockList();
  for (const each of list) {
    const [address = '', bits] = each.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) throw new RangeError(`'${each}' is neither an address nor a network.`);
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    if (address === undefined) return false;
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
    return isIP(plain) !== 0 && trusted.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
}

/** What the request is for the browser that has made it. */
export function factsOf(raw: RawRequest, isTrusted: (address: string | undefined) => boolean): RequestFacts {
  return new Facts(raw, isTrusted);
}

/** Works out what somebody asks for, and nothing before. */
class Facts implements RequestFacts {
  readonly #raw: RawRequest;
  readonly #isTrusted: (address: string | undefined) => boolean;

  constructor(raw: RawRequest, isTrusted: (address: string | undefined) => boolean) {
    this.#raw = raw;
    this.#isTrusted = isTrusted;
  }

  get method(): string {
    return this.#raw.method;
  }

  get url(): string {
    return this.#raw.url;
  }

  header(name: string): string | undefined {
    return this.#raw.header(name);
  }

  get remoteAddress(): string | undefined {
    return this.#raw.remoteAddress;
  }

  get encrypted(): boolean {
    return this.#raw.encrypted;
  }

  get secure(): boolean {
    const proto = first(this.#forwarded('x-forwarded-proto'));
    return proto === undefined ? this.encrypted : proto.toLowerCase() === 'https';
  }

  get host(): string {
    return first(this.#forwarded('x-forwarded-host')) ?? this.header('host') ?? '';
  }

  get clientAddress(): string | undefined {
    const hops = (this.#forwarded('x-forwarded-for') ?? '').split(',').map((each) => each.trim());
    // From the nearest on: what is before the first stranger is that stranger's own claim.
    return hops.findLast((each) => each !== '' && !this.#isTrusted(each)) ?? this.remoteAddress;
  }

  #forwarded(name: string): string | undefined {
    return this.#isTrusted(this.remoteAddress) ? this.header(name) : undefined;
  }
}

const first = (text: string | undefined) => text?.split(',', 1)[0]?.trim() || undefined;
