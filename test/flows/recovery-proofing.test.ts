// The way back where an identity provider proves again who she is, the day of watch after it, and what is on her pages.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { contactKey } from '../../src/operations/secret.ts';
import { addressCode } from '../../src/registry/address-codes.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { choicesIn, csrfIn, TestBrowser } from '../setup/browser.ts';
import { prove, providerLinks } from '../setup/identity.ts';
import { invitationFor } from '../setup/invite.ts';
import { someCode } from '../setup/recovering.ts';
import { createWorld, type World } from '../setup/world.ts';

const HOUR_MS = 3_600_000;
let world: World;
let ana: TestBrowser;
let anaId: string;
let codes: string[];
let lost: TestBrowser;

const post = async (browser: TestBrowser, page: string, path = page, fields: [string, string][] = []) => {
  const csrf = csrfIn((await browser.open(page)).html);
  return browser.form(path, [['csrf', csrf], ...fields]);
};
const codesIn = (html: string) =>
  [...html.matchAll(/<code>([0-9A-Z-]{24})<\/code>/g)].map(([, code]) => code ?? '');
const lastEvent = async (type: string) =>
  world.store.prisma.auditEvent.findFirst({ where: { type }, orderBy: { id: 'desc' } });

beforeAll(async () => {
  world = await createWorld();
  ana = new TestBrowser(world.issuer);
  await ana.enrol(await invitationFor(world, 'Ana Rivera'));
  anaId = (await world.store.prisma.patient.findFirstOrThrow({ where: { name: 'Ana Rivera' } })).id;
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.store.prisma.tryCount.deleteMany();
  lost = new TestBrowser(world.issuer);
});

/** The code is typed in, then who she is is proved; answers with the page after that. */
async function proved(browser: TestBrowser, code: string, as: string) {
  const typed = await post(browser, '/recovery', '/recovery', [['code', code]]);
  expect([typed.status, typed.headers.get('location'), await typed.text()]).toEqual([
    ...[303, '/recovery/proof', 'Redirecting to /recovery/proof.'],
  ]);
  const begun = await post(browser, '/recovery/proof');
  const [link = ''] = providerLinks(await browser.open(begun.headers.get('location') ?? ''));
  return prove(world, browser, link, as);
}

describe('codes on paper', () => {
  test('ten of them, shown once, for her who has just shown her passkey; new ones end the old', async () => {
    expect((await ana.open('/my/recovery')).html).toContain('You have no recovery codes yet.');
    const first = codesIn(await (await post(ana, '/my/recovery')).text());
    const answer = await post(ana, '/my/recovery');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    codes = codesIn(await answer.text());
    expect([new Set([...first, ...codes]).size, codes.length]).toEqual([20, 10]);
    expect((await ana.open('/my/recovery')).html).toContain('You have 10 codes left.');
    const rows = await world.store.prisma.recoveryCode.findMany({ where: { patientId: anaId } });
    expect(rows.filter(({ supersededAt }) => supersededAt !== null)).toHaveLength(10);
    expect(rows.every(({ codeHash }) => codeHash.startsWith('$argon2id$'))).toBe(true);
    for (const code of codes) expect(JSON.stringify(rows)).not.toContain(code.slice(7, 24));

    world.clock.advance(6 * 60_000);
    const later = await post(ana, '/my/recovery');
    expect([later.status, later.headers.get('location')]).toEqual([303, '/my/verify?next=%2Fmy%2Frecovery']);
    expect((await new TestBrowser(world.issuer).send('/my/recovery')).status).toBe(303);
  });
});

describe('with the proof of an identity provider', () => {
  test('a wrong code is answered like a right one: the proof of who she is comes first, and then it is refused', async () => {
    const page = await proved(lost, someCode(), 'demo-ana-rivera 2');
    expect([page.response.status, page.html]).toEqual([
      403,
      expect.stringContaining('We could not let you in'),
    ]);
    expect(await lastEvent('recovery.refused')).toMatchObject({
      ...{ accountId: anaId, patientId: null, detail: { why: 'code_unknown' } },
    });
    expect((await lost.open('/recovery/proof')).response.status).toBe(410);
  });

  test('the proof of another person is refused, and she whose code it was is told', async () => {
    const page = await proved(lost, codes[0] as string, 'demo-james-okafor 2');
    expect(page.response.status).toBe(403);
    const james = await world.store.prisma.patient.findFirstOrThrow({ where: { name: 'James Okafor' } });
    expect(await lastEvent('recovery.refused')).toMatchObject({
      ...{ accountId: james.id, patientId: anaId, detail: { why: 'other_person' } },
    });
    const told = await world.store.prisma.patientNotice.findMany({ where: { patientId: anaId } });
    expect(told.map(({ type }) => type)).toContain('patient.recovery_refused');
    // The code is used up.
    expect(
      (await proved(new TestBrowser(world.issuer), codes[0] as string, 'demo-ana-rivera 2')).response.status,
    ).toBe(403);
  });

  test('a weaker proof than at enrolment is none', async () => {
    const page = await proved(lost, codes[1] as string, 'demo-ana-rivera 1');
    expect(page.html).toContain('We need a stronger check');
    const passkey = await lost.send('/recovery/passkey');
    expect([passkey.status, passkey.headers.get('location')]).toEqual([303, '/recovery/proof']);
  });

  test('of the same person: a new passkey, which carries the proof; everything else is signed out', async () => {
    // A step that fails does not take the proof with it.
    await world.store.sql('ALTER TABLE recovery ADD CHECK (proofed_at IS NULL) NOT VALID', []);
    expect((await proved(lost, codes[2] as string, 'demo-ana-rivera 2')).response.status).toBe(503);
    await world.store.sql('ALTER TABLE recovery DROP CONSTRAINT recovery_proofed_at_check', []);
    const made = await lost.makePasskey(await lost.open('/recovery/passkey'));
    expect([made.status, await made.json()]).toEqual([200, { next: '/my/recovered' }]);
    expect((await ana.open('/my')).html).toContain('data-passkey="sign-in"');
    const newest = await world.store.prisma.passkey.findFirstOrThrow({
      where: { patientId: anaId },
      orderBy: { createdAt: 'desc' },
    });
    const where = { passkeyId: newest.id, boundBy: 'recovery' };
    expect(await world.store.prisma.passkeyProofing.count({ where })).toBe(1);
    ana = lost;
  });
});

describe('the day after', () => {
  test('My apps says so, and nothing sensitive is asked or taken, until it is over', async () => {
    expect((await ana.open('/my')).html).toContain('You got back into your account not long ago.');
    const scope = 'launch/patient offline_access patient/Observation.rs patient/Patient.rs';
    const open = () => ana.open(authorizationRequest(world, { scope }).url);
    const ids = (html: string) => choicesIn(html).map(({ id }) => id);
    const watched = await open();
    expect(ids(watched.html)).toContain('Observation.laboratory.view');
    expect(ids(watched.html)).not.toContain('Observation.social-history.view');
    expect(ids(watched.html)).not.toContain('Observation.view');
    expect(watched.html).toContain('To keep you safe, you cannot share these parts until');
    const forced = await ana.decide(watched, { choices: ['Observation.social-history.view'] });
    expect(forced.status).toBe(400);
    const kept = await ana.decide(watched, { choices: ['Observation.laboratory.view'] });
    expect(kept.status).toBe(303);

    world.clock.advance(24 * HOUR_MS);
    const signIn = await ana.open('/my');
    expect((await ana.signIn(signIn)).status).toBe(200);
    expect((await ana.open('/my')).html).not.toContain('You got back into your account');
    expect(ids((await open()).html)).toContain('Observation.social-history.view');
  });
});

describe('her notices', () => {
  const KEY = () => contactKey(world.secret);

  test('an address is hers once its code is typed in; a wrong one is no address', async () => {
    const add = (address: string) =>
      post(ana, '/my/notices', '/my/notices/addresses', [['address', address]]);
    expect((await add('not an address')).status).toBe(422);
    expect((await add(' ana@mail.example ')).status).toBe(303);
    expect((await add('ANA@mail.example')).status).toBe(422);
    const row = await world.store.prisma.patientAddress.findFirstOrThrow({ where: { patientId: anaId } });
    const confirm = (code: string) =>
      post(ana, '/my/notices', `/my/notices/addresses/${row.id}/confirm`, [['code', code]]);
    expect((await confirm('AAAA-AAAA')).status).toBe(422);
    expect((await confirm(addressCode(KEY(), row.id))).status).toBe(303);
    expect((await confirm(addressCode(KEY(), row.id))).status).toBe(422);
    const { html } = await ana.open('/my/notices');
    expect(html).toContain('ana@mail.example');
    expect(html).toContain('An address was added');
    expect(html).toContain('Your account was recovered');

    world.clock.advance(6 * 60_000);
    const csrf = csrfIn((await ana.open('/my/notices')).html);
    expect((await ana.open('/my/notices')).html).not.toContain('id="address"');
    for (const path of ['/my/notices/addresses', `/my/notices/addresses/${row.id}/remove`]) {
      const answer = await ana.form(path, [['csrf', csrf]]);
      expect([answer.status, answer.headers.get('location')]).toEqual([
        303,
        '/my/verify?next=%2Fmy%2Fnotices',
      ]);
    }
    expect((await ana.open('/my/notices')).html).toContain('ana@mail.example');
  });

  test('what is mailed is chosen by kind; her safety is not among the choices; her language is kept', async () => {
    const kinds = (wanted: readonly string[]) =>
      post(
        ana,
        '/my/notices',
        '/my/notices/kinds',
        wanted.map((kind): [string, string] => ['kind', kind]),
      );
    expect((await kinds(['reminders'])).status).toBe(303);
    const row = () => world.store.prisma.patient.findUniqueOrThrow({ where: { id: anaId } });
    expect((await row()).mutedNotices).toEqual(['apps']);
    await kinds(['apps', 'reminders']);
    expect((await row()).mutedNotices).toEqual([]);
    await ana.open('/my/notices?lang=es');
    expect((await row()).locale).toBe('es');
  });
});
