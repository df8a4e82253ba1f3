// Attacks on the way to an identity provider and back (RFC 9700 §4.4, §4.5, §4.7; OpenID Connect Core §3.1.3.7).
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { importJWK, SignJWT } from 'jose';
import { attributeIn, TestBrowser } from '../setup/browser.ts';
import { craftedJws, unsigned, withHs256 } from '../setup/crafted-jws.ts';
import { answerOf, enrolLink, providerLinks } from '../setup/identity.ts';
import { invitationFor } from '../setup/invite.ts';
import { createRogueProvider, type RogueProvider } from '../setup/rogue-identity-provider.ts';
import { createWorld, type World } from '../setup/world.ts';

const CLIENT = 'postern-at-rogue';
const ANA = {
  ...{ sub: 'subject-1', acr: 'high', given_name: 'ANA', family_name: 'Rivera', birthdate: '1984-03-12' },
  address: { postal_code: '97214-1234' },
};

let world: World;
let rogue: RogueProvider;
let directory: string;

beforeAll(async () => {
  rogue = await createRogueProvider(CLIENT);
  directory = await mkdtemp(join(tmpdir(), 'postern-providers-'));
  const file = join(directory, 'providers.json');
  const provider = {
    ...{ id: 'rogue', name: 'Rogue ID', issuer: rogue.issuer, clientId: CLIENT },
    authentication: { method: 'client_secret_basic', secret: 'a secret of the rogue provider' },
    level: { IAL1: ['low'], IAL2: ['high'] },
    ...{ evidenceClass: 'strong', validDays: 30 },
  };
  await writeFile(file, JSON.stringify({ providers: [provider] }));
  world = await createWorld('embedded', { POSTERN_IDENTITY_PROVIDERS_FILE: file });
  const { id } = await world.store.prisma.patient.findFirstOrThrow({ where: { name: 'Ana Rivera' } });
  await world.store.prisma.patientDemographics.update({
    where: { patientId: id },
    data: { postalCode: '97214' },
  });
});
afterAll(async () => {
  await world.stop();
  await rogue.stop();
  await rm(directory, { recursive: true });
});
afterEach(() => {
  Object.assign(rogue, { claims: { ...ANA }, userinfo: {}, forge: undefined, status: undefined });
});

const refusals = async () =>
  (
    await world.store.prisma.auditEvent.findMany({
      where: { type: 'identity.refused' },
      orderBy: { id: 'asc' },
    })
  ).map(({ detail }) => (detail as { code: string }).code);
const proofings = () => world.store.prisma.identityProofing.count();

/** A browser on the way to the rogue provider: where it was sent. */
async function sent(browser = new TestBrowser(world.issuer)) {
  const links = providerLinks(await browser.open('/my/enrol'));
  const link = links.find((one) => one.endsWith('/rogue')) ?? '';
  return { browser, link, url: (await browser.open(link)).url };
}

const headingOf = ({ html }: { html: string }) => /<h1>([^<]*)<\/h1>/.exec(html)?.[1];

describe('the request', () => {
  test('is a code flow with PKCE S256, state and nonce, to a redirect URI of that provider alone', async () => {
    const { browser, url } = await sent();
    const asked = new URL(url).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      ...{ response_type: 'code', code_challenge_method: 'S256', client_id: CLIENT },
      redirect_uri: `${world.issuer}/proofing/callback/rogue`,
      ...{ state: expect.stringMatching(/^[\w-]{43}$/), nonce: expect.stringMatching(/^[\w-]{43}$/) },
    });
    expect([...asked.values()].join()).not.toMatch(/Ana|Rivera|1984/);
    await browser.open(rogue.answer(url));
    const verifier = rogue.asked.token?.get('code_verifier') ?? '';
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(asked.get('code_challenge'));
    expect(rogue.asked.token?.get('redirect_uri')).toBe(asked.get('redirect_uri'));
    expect(rogue.asked.credentials).toMatch(/^Basic /);
  });
});

describe('an id_token that does not hold', () => {
  const now = () => Math.floor(Date.now() / 1_000);
  const resigned = (changes: object) => async (_token: string, claims: object) => {
    const key = await importJWK(rogue.key, 'RS256');
    return new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: 'RS256', kid: 'rogue' })
      .sign(key);
  };
  const header = { alg: 'RS256', kid: 'rogue' };

  test.each<[string, () => void]>([
    [
      'alg none',
      () =>
        Object.assign(rogue, { forge: (_: string, c: never) => craftedJws({ alg: 'none' }, c, unsigned) }),
    ],
    [
      'RS256 without a signature',
      () => Object.assign(rogue, { forge: (_: string, c: never) => craftedJws(header, c, unsigned) }),
    ],
    [
      'HS256 with the public key',
      () =>
        Object.assign(rogue, {
          forge: (_: string, c: never) =>
            craftedJws({ alg: 'HS256', kid: 'rogue' }, c, withHs256(String(rogue.key.n))),
        }),
    ],
    [
      'HS256 with the client secret',
      () =>
        Object.assign(rogue, {
          forge: (_: string, c: never) =>
            craftedJws({ alg: 'HS256' }, c, withHs256('a secret of the rogue provider')),
        }),
    ],
    [
      'claims that were changed after signing',
      () =>
        Object.assign(rogue, {
          forge: (token: string, claims: object) => {
            const [head, , signature] = token.split('.');
            const body = Buffer.from(JSON.stringify({ ...claims, sub: 'another' })).toString('base64url');
            return `${head}.${body}.${signature}`;
          },
        }),
    ],
    ['another nonce', () => Object.assign(rogue, { forge: resigned({ nonce: 'another' }) })],
    ['no nonce', () => Object.assign(rogue, { forge: resigned({ nonce: undefined }) })],
    ['another issuer', () => Object.assign(rogue, { forge: resigned({ iss: 'https://id.example' }) })],
    ['another audience', () => Object.assign(rogue, { forge: resigned({ aud: 'another-client' }) })],
    ['expired', () => Object.assign(rogue, { forge: resigned({ iat: now() - 900, exp: now() - 600 }) })],
    ['without a subject', () => Object.assign(rogue, { forge: resigned({ sub: undefined }) })],
    ['no id_token at all', () => Object.assign(rogue, { forge: () => undefined })],
    ['userinfo of another subject', () => Object.assign(rogue, { userinfo: { sub: 'another' } })],
    ['a code that the provider does not know', () => Object.assign(rogue, { status: 400 })],
  ])('%s proves nothing', async (_what, forge) => {
    const { browser, url } = await sent();
    const before = await proofings();
    forge();
    const page = await browser.open(rogue.answer(url));
    expect([page.response.status, headingOf(page)]).toEqual([400, 'We could not use the answer']);
    expect(page.html).not.toMatch(/Ana|1984|97214|subject-1/);
    expect(await proofings()).toBe(before);
  });

  test('a provider that fails is not ours to answer for', async () => {
    const { browser, url } = await sent();
    rogue.status = 500;
    const page = await browser.open(rogue.answer(url));
    expect([page.response.status, headingOf(page)]).toEqual([503, 'The service does not work now']);
  });
});

describe('an answer that is not for this browser, or not for the first time', () => {
  test('what another browser began is nothing here, and stays good there', async () => {
    const victim = await sent();
    const thief = new TestBrowser(world.issuer);
    await thief.open('/my');
    const answer = rogue.answer(victim.url);
    expect(headingOf(await thief.open(answer))).toBe('This step is over');
    expect(headingOf(await new TestBrowser(world.issuer).open(answer))).toBe('This step is over');
    expect(headingOf(await victim.browser.open(answer))).toBe('Hello, Ana Rivera');
  });

  test('the page of a proof opens in no other browser, and the answer counts once', async () => {
    const { browser, url } = await sent();
    const answer = rogue.answer(url);
    const proofed = await browser.open(answer);
    expect(headingOf(await browser.open(answer))).toBe('This step is over');
    expect(headingOf(await new TestBrowser(world.issuer).open(proofed.url))).toBe('This step is over');
    const all = await Promise.all([1, 2, 3].map(() => sent(browser)));
    const parallel = rogue.answer(all[2]?.url ?? '');
    const opened = await Promise.all([1, 2, 3].map(() => browser.open(parallel)));
    expect(opened.filter((page) => headingOf(page) === 'Hello, Ana Rivera')).toHaveLength(1);
  });

  test.each([
    ['no state', { state: undefined }],
    ['another state', { state: 'x'.repeat(43) }],
  ])('%s', async (_what, changes) => {
    const { browser, url } = await sent();
    expect(headingOf(await browser.open(rogue.answer(url, changes)))).toBe('This step is over');
  });

  test.each([
    ['no iss, though it is announced (RFC 9207 §2.4)', { iss: undefined }],
    ['the iss of another provider', { iss: 'https://id.example' }],
    ['no code', { code: undefined }],
  ])('%s', async (_what, changes) => {
    const { browser, url } = await sent();
    const page = await browser.open(rogue.answer(url, changes));
    expect([page.response.status, headingOf(page)]).toEqual([400, 'We could not use the answer']);
  });

  test('state twice, a code twice: no fault of ours', async () => {
    const { browser, url } = await sent();
    const answer = rogue.answer(url);
    const state = new URL(answer).searchParams.get('state');
    expect((await browser.open(`${answer}&state=${state}`)).response.status).toBe(410);
    expect((await browser.open(`${answer}&code=another`)).response.status).toBe(400);
  });

  test('mix-up: the answer of one provider at the address of another is nothing, in either direction', async () => {
    const { browser, url } = await sent();
    const mixed = new URL(rogue.answer(url));
    mixed.pathname = '/proofing/callback/demo-id';
    expect(headingOf(await browser.open(mixed.href))).toBe('This step is over');
    const genuine = new URL(
      await answerOf(world, browser, await enrolLink(browser, '/my/enrol'), 'demo-ana-rivera 2'),
    );
    genuine.pathname = '/proofing/callback/rogue';
    rogue.asked.token = new URLSearchParams();
    expect(headingOf(await browser.open(genuine.href))).toBe('This step is over');
    // The code of the honest provider did not reach the other one.
    expect(rogue.asked.token?.get('code') ?? null).toBe(null);
  });
});

describe('a subject is one patient', () => {
  test('the next time it is said to be another one, that is refused and in the audit', async () => {
    const { browser, url } = await sent();
    Object.assign(rogue, {
      claims: { ...ANA, given_name: 'James', family_name: 'Okafor', birthdate: '1958-11-27' },
    });
    const { id } = await world.store.prisma.patient.findFirstOrThrow({ where: { name: 'James Okafor' } });
    await world.store.prisma.patientDemographics.update({
      where: { patientId: id },
      data: { postalCode: '97214' },
    });
    const page = await browser.open(rogue.answer(url));
    expect(headingOf(page)).toBe('We need to help you in person');
    expect(page.html).not.toMatch(/Ana|James/);
    expect((await refusals()).at(-1)).toBe('subject_of_another');
  });

  test.each([
    ['a level that is not known here', { acr: 'very high' }, 'We need a stronger check', 'level_too_low'],
    ['no name', { given_name: undefined }, 'We need to help you in person', 'claims_missing'],
    [
      'a birth date that there never was',
      { birthdate: '1984-02-30' },
      'We need to help you in person',
      'claims_missing',
    ],
    [
      'another ZIP, and nothing else that agrees',
      { address: { postal_code: '10001' } },
      'We need to help you in person',
      'no_single_match',
    ],
    [
      'a mail address that the provider did not verify',
      { address: undefined, email: 'ana@example.org', email_verified: false },
      'We need to help you in person',
      'no_single_match',
    ],
  ])('%s', async (_what, claims, heading, code) => {
    const { id } = await world.store.prisma.patient.findFirstOrThrow({ where: { name: 'Ana Rivera' } });
    await world.store.prisma.patientDemographics.update({
      where: { patientId: id },
      data: { email: 'ana@example.org' },
    });
    const { browser, url } = await sent();
    Object.assign(rogue, { claims: { ...ANA, ...claims } });
    expect(headingOf(await browser.open(rogue.answer(url)))).toBe(heading);
    expect((await refusals()).at(-1)).toBe(code);
  });

  test('of two proofs of one patient only one makes her first passkey', async () => {
    const proved = await Promise.all(
      [1, 2].map(async () => {
        const { browser, url } = await sent();
        return { browser, page: await browser.open(rogue.answer(url)) };
      }),
    );
    const made = await Promise.all(proved.map(({ browser, page }) => browser.makePasskey(page)));
    expect(made.map(({ status }) => status).sort()).toEqual([200, 410]);
  });

  test('an invitation that was open is no second way in', async () => {
    const invitation = await invitationFor(world, 'Maya Chen');
    const { browser, url } = await sent();
    const maya = { given_name: 'Maya', family_name: 'Chen', birthdate: '2017-06-05' };
    Object.assign(rogue, {
      claims: { ...ANA, ...maya, sub: 'subject-2', address: { postal_code: '97205' } },
    });
    const page = await browser.open(rogue.answer(url));
    expect((await browser.makePasskey(page)).status).toBe(200);
    expect((await new TestBrowser(world.issuer).enrol(invitation)).status).toBe(410);
    expect(attributeIn(page.html, 'data-verify-url')).toMatch(/^\/proofing\/[0-9a-f-]{36}\/passkey$/);
  });
});
