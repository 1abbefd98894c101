/** What a browser keeps of one site: cookies by name, sent with each request. Redirects are not followed. */
export interface Jar {
  readonly cookies: Map<string, string>;
  fetch(url: string, options?: JarOptions): Promise<Visit>;
}

export interface JarOptions {
  readonly method?: string;
  readonly form?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Visit {
  readonly status: number;
  readonly headers: Headers;
  readonly setCookies: readonly string[];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of any shape
  readonly json: any;
}

export function jar(cookies = new Map<string, string>()): Jar {
  return {
    cookies,
    async fetch(
      url,
      { form, body, method = form === undefined && body === undefined ? 'GET' : 'POST', headers = {} } = {},
    ) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
        ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
        ...(body === undefined ? {} : { body }),
      });
      const setCookies = response.headers.getSetCookie();
      for (const each of setCookies) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
        if (/; Max-Age=0\b/.test(each)) cookies.delete(name);
        else cookies.set(name, value);
      }
      const text = await response.text();
      return { status: response.status, headers: response.headers, setCookies, text, json: parsed(text) };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
