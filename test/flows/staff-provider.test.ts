// Staff sign in at the OpenID provider of their organization.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { endStaffProviderOf, setStaffProvider } from '../../src/registry/staff-providers.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { submit } from '../setup/console-browser.ts';
import { refusedWith } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { passkeyAt, staffBrowser, staffInvitation } from '../setup/staff-browser.ts';
import {
  CLIENT,
  createStaffProviderWorld,
  domainOf,
  type StaffProviderWorld,
} from '../setup/staff-provider.ts';

let here: StaffProviderWorld;

beforeAll(async () => {
  here = await createStaffProviderWorld();
});
afterAll(() => here.stop());
beforeEach(() => {
  Object.assign(here.rogue, { claims: {}, userinfo: {}, forge: undefined, status: undefined });
});

describe('the way in', () => {
  test('by her work mail: code flow, PKCE, nonce, state; the second time by subject alone', async () => {
    const { id, email } = await here.colleague();
    const browser = new TestBrowser(here.world.issuer);
    const { url } = await here.sent(here.providerId, browser);
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
      ...{ response_type: 'code', code_challenge_method: 'S256', client_id: CLIENT, scope: 'openid email' },
      redirect_uri: `${here.world.issuer}/staff/sign-in/callback/${here.providerId}`,
    });
    here.rogue.claims = { sub: id, email, email_verified: true };
    const page = await browser.open(here.rogue.answer(url));
    expect([page.response.status, new URL(page.url).pathname]).toEqual([200, '/developer']);
    // Her address is another's by now, or nobody's: the binding counts.
    expect((await here.signIn({ sub: id, email: 'new@elsewhere.example' })).status).toBe(200);
    expect(await here.world.store.prisma.staffIdentity.count({ where: { personId: id } })).toBe(1);
  });

  test('serious steps ask for a passkey, which she makes first; then for that one', async () => {
    const { id, email } = await here.colleague('owner');
    const { browser } = await here.signIn({ sub: id, email });
    const first = await browser.open('/staff/verify?next=%2Fdeveloper%2Ftokens');
    expect(new URL(first.url).pathname).toBe('/staff/passkey/first');
    const made = await browser.makePasskey(first);
    expect([made.status, await made.json()]).toEqual([200, { next: '/developer/tokens' }]);
    const session = await here.world.store.prisma.staffSession.findFirstOrThrow({ where: { personId: id } });
    expect(Date.now() - session.verifiedAt.getTime()).toBeLessThan(60_000);
    const verify = await browser.open('/staff/verify?next=%2Fdeveloper');
    expect(new URL(verify.url).pathname).toBe('/staff/verify');
    // A second one is for whoever can show the first.
    expect((await browser.json('/staff/passkey/first/options', {}, csrfIn(first.html))).status).toBe(403);
  });

  test('a provider that ends, or is replaced, signs its people out', async () => {
    const { id, email } = await here.colleague();
    const { browser } = await here.signIn({ sub: id, email });
    await endStaffProviderOf(here.deps, here.vendor.owner, here.vendor.id, { reason: 'a test' });
    expect((await browser.send('/developer')).status).toBe(303);
    await expect(here.sent()).rejects.toThrow('422');
    ({ providerId: here.providerId } = await setStaffProvider(
      here.deps,
      here.vendor.owner,
      here.vendor.id,
      here.terms(),
    ));
  });

  test('required: a passkey alone signs in nobody but an operator', async () => {
    const { id } = await here.colleague();
    const { id: operatorId } = await here.colleague('operator');
    const [hers, theirs] = [await staffBrowser(here.world, id), await staffBrowser(here.world, operatorId)];
    ({ providerId: here.providerId } = await setStaffProvider(
      here.deps,
      operator,
      here.vendor.id,
      here.terms({ required: true }),
    ));
    const passkey = (browser: TestBrowser) => passkeyAt(browser, '/staff/passkey/options', '/staff/passkey');
    expect([(await passkey(hers)).status, await here.lastRefusal()]).toEqual([403, 'provider_required']);
    expect((await passkey(theirs)).status).toBe(200);
    // An invitation makes the passkey, and no session.
    const invited = new TestBrowser(here.world.issuer);
    const made = await invited.enrol(await staffInvitation(here.world, (await here.colleague()).id));
    expect([await made.json(), (await invited.send('/developer')).status]).toEqual([
      { next: '/staff/sign-in' },
      303,
    ]);
    // What an operator registered, only operators replace or end.
    const { deps, vendor } = here;
    const because = { reason: 'a test' };
    for (const work of [
      setStaffProvider(deps, vendor.owner, vendor.id, here.terms()),
      endStaffProviderOf(deps, vendor.owner, vendor.id, because),
    ])
      expect(await refusedWith(work)).toEqual(['not_allowed']);
    await endStaffProviderOf(deps, operator, vendor.id, because);
    ({ providerId: here.providerId } = await setStaffProvider(
      here.deps,
      here.vendor.owner,
      here.vendor.id,
      here.terms(),
    ));
  });
});

test('who registers one: of domains that it proved and no here.other names, with an issuer that answers', async () => {
  const set = (who: StaffProviderWorld['vendor'], changes: object) =>
    refusedWith(
      setStaffProvider(here.deps, who.owner, who.id, here.terms({ domains: [domainOf(who)], ...changes })),
    );
  expect(await set(here.vendor, { domains: ['elsewhere.example'] })).toEqual([
    'input_invalid',
    'domains.0 domain_unverified',
  ]);
  const claim = {
    organizationId: here.other.id,
    domain: domainOf(here.vendor),
    code: 'x',
    verifiedAt: new Date(),
  };
  await here.world.store.prisma.domainProof.create({ data: claim });
  expect(await set(here.other, { domains: [domainOf(here.vendor)] })).toEqual([
    'input_invalid',
    'domains duplicate',
  ]);
  expect(await set(here.vendor, { issuer: `${here.rogue.issuer}/x` })).toEqual([
    'input_invalid',
    'issuer url_unreachable',
  ]);
  expect(
    await refusedWith(setStaffProvider(here.deps, here.vendor.developer, here.vendor.id, here.terms())),
  ).toEqual(['not_allowed']);
  expect(
    await refusedWith(setStaffProvider(here.deps, here.other.owner, here.vendor.id, here.terms())),
  ).toEqual(['record_unknown']);
});

test('owners and operators set it up on their pages, after a passkey, and see no secret again', async () => {
  const { world, vendor, terms } = here;
  const { id: ownerId } = await here.colleague('owner');
  const { id: developerId } = await here.colleague('developer');
  const owner = await staffBrowser(world, ownerId);
  const fields = { ...terms(), required: 'no', method: 'client_secret_post' } as Record<string, string>;
  const page = '/developer/sign-in';
  const csrf = csrfIn((await owner.open(page)).html);
  const post = (path: string, given: Record<string, string>) =>
    owner.form(`${page}${path}`, Object.entries({ csrf, ...given }));
  const set = await (await post('/provider', { ...fields, domains: String(fields.domains) })).text();
  here.providerId = /sign-in\/callback\/([0-9a-f-]{36})/.exec(set)?.[1] ?? '';
  expect(here.providerId).not.toBe('');
  expect(await (await post('/provider', { ...fields, domains: 'elsewhere.example' })).text()).toContain(
    'fault',
  );
  expect(await (await post('/tokens', { name: 'directory' })).text()).toMatch(/postern_scim_[\w-]{43}/);
  const { html } = await owner.open(page);
  expect([
    html.includes(here.providerId),
    html.includes('a client secret'),
    html.includes('postern_scim_'),
  ]).toEqual([...[true, false, false]]);
  expect((await (await staffBrowser(world, developerId)).open(page)).response.status).toBe(403);

  const operators = await staffBrowser(world, String(operator.personId));
  const above = `/admin/organizations/${vendor.id}`;
  const { html: made } = await submit(operators, `${above}/scim/new`, { name: 'by an operator', days: '30' });
  expect(made).toMatch(/postern_scim_[\w-]{43}/);
  const { html: registered } = await submit(operators, `${above}/provider`, fields);
  expect(registered).toContain('/staff/sign-in/callback/');
  expect((await operators.open(above)).html).toContain(here.rogue.issuer);
  const stays = (await owner.open(page)).html;
  expect([stays.includes('An operator set this up'), stays.includes(`${page}/provider"`)]).toEqual([
    true,
    false,
  ]);
  expect((await submit(operators, `${above}/provider/end`, { reason: 'a test' })).status).toBe(303);
  expect(
    (await submit(operators, `/admin/people/${ownerId}/leave`, { confirm: 'A colleague', reason: 'a test' }))
      .status,
  ).toBe(303);
});
