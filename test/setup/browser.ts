// A browser without a screen: cookies by path, redirects by hand, our pages' forms and scripts as they would send them.
import {
  type Authenticator,
  type CreationOptions,
  createAuthenticator,
  type Deviations,
  type RequestOptions,
} from './authenticator.ts';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

export interface Consent {
  /** Labels' values to tick; left out: everything that is not broad. */
  readonly choices?: readonly string[];
  readonly duration?: string;
  readonly decision?: 'share' | 'deny';
  /** Whose record, by name, where the page asks; left out: one's own. */
  readonly patient?: string;
}

export class TestBrowser {
  readonly origin: string;
  readonly authenticator: Authenticator;
  cookies: Cookie[] = [];

  constructor(origin: string, authenticator = createAuthenticator(origin)) {
    this.origin = origin;
    this.authenticator = authenticator;
  }

  async send(url: string, init: RequestInit = {}): Promise<Response> {
    const target = new URL(url, this.origin);
    const cookie = this.cookies
      .filter(
        ({ path }) =>
          target.pathname === path || target.pathname.startsWith(path.endsWith('/') ? path : `${path}/`),
      )
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = new Headers({ accept: 'text/html', ...(cookie === '' ? {} : { cookie }) });
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    const response = await fetch(target, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return response;
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const attribute = (key: string) =>
      attributes.find((part) => part.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const path = attribute('path') ?? '/';
    this.cookies = this.cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
    const expires = attribute('expires');
    if (value !== '' && (expires === undefined || new Date(expires) > new Date()))
      this.cookies.push({ name, value, path });
  }

  /** Follows redirects on our own origin; answers with the first page, or with the redirect that leaves. */
  async open(url: string): Promise<{ response: Response; url: string; html: string }> {
    let next = new URL(url, this.origin).href;
    for (let hops = 0; hops < 10; hops += 1) {
      const response = await this.send(next);
      const location = response.headers.get('location');
      if (location === null) return { response, url: next, html: await response.text() };
      next = new URL(location, next).href;
      if (!next.startsWith(`${this.origin}/`)) return { response, url: next, html: '' };
    }
    throw new Error(`redirected in circles at ${next}`);
  }

  json(url: string, body: unknown, csrf: string): Promise<Response> {
    return this.send(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-csrf-token': csrf,
        origin: this.origin,
      },
      body: JSON.stringify(body),
    });
  }

  form(url: string, fields: readonly (readonly [string, string])[]): Promise<Response> {
    return this.send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: this.origin },
      body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
    });
  }

  /** Opens an invitation link and makes a passkey; ends signed in. */
  async enrol(invitation: string, deviations: Deviations = {}): Promise<Response> {
    const page = await this.open('/invitation');
    const csrf = csrfIn(page.html);
    const opened = await this.json('/invitation/open', { code: new URL(invitation).hash.slice(1) }, csrf);
    if (!opened.ok) return opened;
    const options = (await (await this.json('/invitation/options', {}, csrf)).json()) as CreationOptions;
    return this.json('/invitation/verify', this.authenticator.create(options, deviations), csrf);
  }

  /** Makes a passkey on a page that offers it to whom it knows; answers with what the server says. */
  async makePasskey(page: { html: string }, deviations: Deviations = {}): Promise<Response> {
    const csrf = csrfIn(page.html);
    const asked = await this.json(attributeIn(page.html, 'data-options-url'), {}, csrf);
    const options = (await asked.json()) as CreationOptions;
    const made = this.authenticator.create(options, deviations);
    return this.json(attributeIn(page.html, 'data-verify-url'), made, csrf);
  }

  /** Signs in with the passkey on a page that asks for it; answers with what the server says. */
  async signIn(page: { html: string }, deviations: Deviations = {}): Promise<Response> {
    const csrf = csrfIn(page.html);
    const asked = await this.json(attributeIn(page.html, 'data-options-url'), {}, csrf);
    const options = (await asked.json()) as RequestOptions;
    return this.json(
      attributeIn(page.html, 'data-verify-url'),
      this.authenticator.get(options, deviations),
      csrf,
    );
  }

  async decide(page: { html: string }, consent: Consent = {}): Promise<Response> {
    const { decision = 'share', duration = '90' } = consent;
    const choices =
      consent.choices ??
      choicesIn(page.html)
        .filter(({ broad }) => !broad)
        .map(({ id }) => id);
    const action = /<form class="consent" method="post" action="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const fields = [...hiddenIn(page.html), ...choices.map((id) => ['choice', id])] as [string, string][];
    return this.form(action, [...fields, ['duration', duration], ['decision', decision]]);
  }

  /** Says whose record is meant; answers with the page after that. */
  async choosePatient(page: { html: string }, name?: string) {
    const cards = [...page.html.matchAll(/name="record" value="([^"]+)"[\s\S]*?<bdi>([^<]*)<\/bdi>/g)];
    const value = name === undefined ? 'self' : cards.find(([, , label]) => label === name)?.[1];
    if (value === undefined) throw new Error(`${name} is not offered`);
    const fields = [
      ['csrf', csrfIn(page.html)],
      ['record', value],
      ['decision', 'continue'],
    ] as const;
    const action = /<form class="panel patients" method="post" action="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const chosen = await this.form(action, fields);
    return this.open(chosen.headers.get('location') ?? chosen.url);
  }

  /** The whole way of an authorization request; answers with the URL that the app receives. */
  async authorize(url: string, consent: Consent = {}): Promise<URL> {
    let page = await this.open(url);
    if (page.html.includes('data-passkey="sign-in"')) {
      const { next } = (await (await this.signIn(page)).json()) as { next: string };
      page = await this.open(next);
    }
    if (page.html.includes('name="record"')) page = await this.choosePatient(page, consent.patient);
    if (page.html.includes('class="consent"')) {
      const decided = await this.decide(page, consent);
      page = await this.open(decided.headers.get('location') ?? decided.url);
    }
    return new URL(page.url);
  }
}

const unescaped = (text: string) =>
  text
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

export function attributeIn(html: string, name: string): string {
  const value = new RegExp(`${name}="([^"]*)"`).exec(html)?.[1];
  if (value === undefined)
    throw new Error(`the page has no ${name}: ${html.replace(/<[^>]+>/g, ' ').slice(0, 300)}`);
  return unescaped(value);
}

export function csrfIn(html: string): string {
  return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? attributeIn(html, 'data-csrf');
}

/** What the form of a question sends beside its answers. */
export const hiddenIn = (html: string): (readonly [string, string])[] => [
  ['csrf', csrfIn(html)],
  ...[...html.matchAll(/name="basis" value="([^"]*)"/g)].map(([, value = '']) => ['basis', value] as const),
];

export function choicesIn(html: string): { id: string; broad: boolean; checked: boolean }[] {
  return [...html.matchAll(/<input type="checkbox"[^>]*name="choice"[^>]*>/g)].map(([tag]) => ({
    id: attributeIn(tag, 'value'),
    broad: tag.includes('data-broad'),
    checked: / checked/.test(tag),
  }));
}
