// Patients of the races: each in a browser of her own, who agrees to what an app asks for.
import { randomBytes, randomUUID } from 'node:crypto';
import { issueInvitation } from '../../src/store/invitations.ts';
import { type AuthorizationRequest, authorizationRequest } from '../setup/app-client.ts';
import { choicesIn, csrfIn, hiddenIn, TestBrowser } from '../setup/browser.ts';
import type { World } from '../setup/world.ts';
import type { Answer } from './outcome.ts';
import { patiently } from './patiently.ts';

/** Somebody without a passkey, known at the FHIR server. */
export async function newPatient({ store, fhirBase }: World): Promise<string> {
  const id = randomUUID();
  const userHandle = randomBytes(32).toString('base64url');
  await store.prisma.patient.create({
    data: { id, userHandle, name: 'Rae Runner', records: { create: { fhirBaseUrl: fhirBase, fhirId: id } } },
  });
  return id;
}

export interface Question {
  readonly request: AuthorizationRequest;
  readonly uid: string;
  /** What the consent page sends. */
  readonly path: string;
  readonly form: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Person {
  readonly id: string;
  readonly browser: TestBrowser;
  readonly csrf: string;
  /** An app has asked, and the consent page stands open. */
  asked(clientId: string): Promise<Question>;
  /** She agrees: what the app needs to redeem the code. */
  agreed(clientId: string): Promise<{ readonly request: AuthorizationRequest; readonly code: string }>;
}

export async function signedInPatient(world: World): Promise<Person> {
  const id = await newPatient(world);
  const browser = new TestBrowser(world.issuer);
  const code = await issueInvitation(world.store, { patientId: id });
  const enrolled = await browser.enrol(`${world.issuer}/invitation#${code}`);
  if (!enrolled.ok) throw new Error(`enrolment was refused: ${await enrolled.text()}`);
  // The page is read once for each app: what it sends is the same each time.
  const first = await browser.open(authorizationRequest(world).url);
  const csrf = csrfIn(first.html);
  const choices = choicesIn(first.html).filter(({ broad }) => !broad);

  const bases = new Map<string, Promise<string>>();
  const basisOf = async (clientId: string) => {
    const page = await browser.open(authorizationRequest(world, { client_id: clientId }).url);
    return Object.fromEntries(hiddenIn(page.html)).basis ?? '';
  };

  const asked = async (clientId: string): Promise<Question> => {
    const reading = bases.get(clientId) ?? basisOf(clientId);
    bases.set(clientId, reading);
    const basis = await reading;
    // What an earlier question left in the browser is of no use to this one.
    browser.cookies = browser.cookies.filter(({ path }) => !/\/(interaction|authorize)\/./.test(path));
    const request = authorizationRequest(world, { client_id: clientId });
    const location = (await browser.send(request.url)).headers.get('location') ?? '';
    const [, uid] = /\/interaction\/([\w-]+)$/.exec(location) ?? [];
    if (uid === undefined) throw new Error(`no consent page was opened: ${location}`);
    const path = `/interaction/${uid}/consent`;
    const form = new URLSearchParams([
      ['csrf', csrf],
      ['basis', basis],
      ...choices.map(({ id: choice }): [string, string] => ['choice', choice]),
    ]);
    form.append('duration', '90');
    form.append('decision', 'share');
    return { request, uid, path, form, headers: headersOf(browser, path) };
  };

  const agreed = async (clientId: string) => {
    const { request, path, form } = await asked(clientId);
    const decided = await browser.send(path, {
      method: 'POST',
      headers: { origin: world.issuer },
      body: form,
    });
    const callback = await browser.send(decided.headers.get('location') ?? '');
    const to = callback.headers.get('location') ?? '';
    const given = URL.canParse(to) ? new URL(to).searchParams.get('code') : null;
    if (given === null) throw new Error(`no code came back: ${decided.status} ${callback.status} ${to}`);
    return { request, code: given };
  };
  return {
    ...{ id, browser, csrf },
    asked: (clientId) => patiently(() => asked(clientId)),
    agreed: (clientId) => patiently(() => agreed(clientId)),
  };
}

/** What a browser sends with a form or script of our pages at that path. */
export function headersOf({ cookies, origin }: TestBrowser, path: string): Record<string, string> {
  const mine = cookies.filter((cookie) => path.startsWith(cookie.path));
  return {
    origin,
    accept: 'text/html',
    cookie: mine.map(({ name, value }) => `${name}=${value}`).join('; '),
  };
}

/** What every page of ours may set: the session, which is another one after each decision. */
export function keepSession(browser: TestBrowser, { headers }: Answer): void {
  for (const line of [headers['set-cookie'] ?? []].flat()) {
    const [, name = '', value = ''] = /^([^=;]+)=([^;]*);.*path=\/(;|$)/i.exec(line) ?? [];
    if (value === '') continue;
    browser.cookies = browser.cookies.filter((cookie) => cookie.name !== name);
    browser.cookies.push({ name, value, path: '/' });
  }
}
