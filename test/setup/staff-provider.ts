// An organization whose people sign in at an OpenID provider that answers whatever a test wants it to.
import { randomUUID } from 'node:crypto';
import { registryKey } from '../../src/operations/secret.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { setStaffProvider } from '../../src/registry/staff-providers.ts';
import { csrfIn, TestBrowser } from './browser.ts';
import { registryDeps } from './registry-deps.ts';
import { createRogueProvider, type RogueProvider } from './rogue-identity-provider.ts';
import { registerVendor, type Vendor } from './vendor.ts';
import { createWorld, type World } from './world.ts';

export const CLIENT = 'postern-at-work';
const SECRET = 'a client secret of the tests';

export interface StaffProviderWorld {
  readonly world: World;
  readonly rogue: RogueProvider;
  readonly vendor: Vendor;
  readonly other: Vendor;
  readonly deps: RegistryDeps;
  /** The provider of `vendor` in force. */
  providerId: string;
  terms(changes?: object): object;
  colleague(role?: string, organizationId?: string): Promise<{ readonly id: string; readonly email: string }>;
  /** A browser on the way: the address that it was sent to. */
  sent(id?: string, browser?: TestBrowser): Promise<{ readonly browser: TestBrowser; readonly url: string }>;
  signIn(
    claims: object,
    id?: string,
  ): Promise<{
    readonly browser: TestBrowser;
    readonly status: number;
    readonly url: string;
    readonly html: string;
  }>;
  /** The code of the last sign-in that was refused. */
  lastRefusal(): Promise<string | undefined>;
  stop(): Promise<void>;
}

export const domainOf = ({ id }: Pick<Vendor, 'id'>) => `${id}.example`;

export async function createStaffProviderWorld(): Promise<StaffProviderWorld> {
  const rogue = await createRogueProvider(CLIENT);
  const world = await createWorld('postgresql');
  const { prisma } = world.store;
  const [vendor, other] = [await registerVendor(world), await registerVendor(world)];
  for (const who of [vendor, other]) {
    const claim = { organizationId: who.id, domain: domainOf(who), code: 'x', verifiedAt: new Date() };
    await prisma.domainProof.create({ data: claim });
  }
  const deps = { ...registryDeps(world), sealKey: registryKey(world.secret) };
  const here: StaffProviderWorld = {
    ...{ world, rogue, vendor, other, deps, providerId: '' },
    terms: (changes = {}) => ({
      ...{ issuer: rogue.issuer, clientId: CLIENT, clientSecret: SECRET, domains: [domainOf(vendor)] },
      ...changes,
    }),
    async colleague(role = 'developer', organizationId = vendor.id) {
      const id = `person-${randomUUID().slice(0, 8)}`;
      const email = `${id}@${organizationId}.example`;
      const roles = { create: { id: randomUUID(), role, grantedBy: 'test' } };
      const facts = { name: 'A colleague', email, userHandle: randomUUID(), roles };
      await prisma.person.create({ data: { id, organizationId, ...facts } });
      return { id, email };
    },
    async sent(id = here.providerId, browser = new TestBrowser(world.issuer)) {
      const { domains } = await prisma.staffProvider.findUniqueOrThrow({ where: { id } });
      const path = '/staff/sign-in/organization?next=%2Fdeveloper';
      const fields = { csrf: csrfIn((await browser.open(path)).html), email: `who@${domains[0]}` };
      const asked = await browser.form(path, Object.entries(fields));
      const link = /<a class="button primary" href="([^"]+)"/.exec(await asked.text())?.[1];
      if (link === undefined) throw new Error(`no way to the provider: ${asked.status}`);
      return { browser, url: link.replaceAll('&amp;', '&') };
    },
    async signIn(claims, id) {
      rogue.claims = { email_verified: true, ...claims };
      const { browser, url } = await here.sent(id);
      const page = await browser.open(rogue.answer(url));
      return { browser, status: page.response.status, url: page.url, html: page.html };
    },
    async lastRefusal() {
      const where = { type: 'person.sign_in_refused' };
      const event = await prisma.auditEvent.findFirstOrThrow({ where, orderBy: { id: 'desc' } });
      return (event.detail as { code?: string }).code;
    },
    async stop() {
      await world.stop();
      await rogue.stop();
    },
  };
  ({ providerId: here.providerId } = await setStaffProvider(deps, vendor.owner, vendor.id, here.terms()));
  return here;
}
