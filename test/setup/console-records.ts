// Records of each kind as the console meets them, and the address of every page and form about them.
import { exportJWK, generateKeyPair } from 'jose';
import { recordChange } from '../../src/registry/changes.ts';
import { createContract } from '../../src/registry/contracts.ts';
import { createEhr } from '../../src/registry/ehrs.ts';
import { changeOrganization } from '../../src/registry/organizations.ts';
import { addServerSecret } from '../../src/registry/server-secrets.ts';
import { registryDeps } from './registry-deps.ts';
import { approvedApp, operator, submittedAgain, submittedApp } from './reviewed.ts';
import { useCase } from './sample-revision.ts';
import { fhirBaseOf, registerVendor, type Vendor } from './vendor.ts';
import type { World } from './world.ts';

export interface ConsoleRecords {
  readonly vendor: Vendor;
  /** In production, with an update in review and a recorded change. */
  readonly appId: string;
  readonly reviewId: string;
  /** Asks for everything, from another country, with a name that looks like the other app's. */
  readonly wildReviewId: string;
  readonly ehrId: string;
  readonly serverId: string;
  readonly secretId: string;
}

const INSTANT = { startsAt: '2020-01-01', endsAt: '2021-01-01' };
export async function consoleRecords(world: World): Promise<ConsoleRecords> {
  const deps = registryDeps(world);
  const vendor = await registerVendor(world, { legalName: 'Bright Health, Inc.' });
  const other = await registerVendor(world, { legalName: 'Far Away Records GmbH', country: 'DE' });
  const { appId } = await approvedApp(world, deps, vendor);
  await recordChange(deps, vendor.developer, appId, {
    ...{ kind: 'vendor', description: 'The module for lab results was bought by another company.' },
    affectedScopes: ['patient/MedicationRequest.rs'],
  });
  const { reviewId } = await submittedAgain(world, deps, vendor, appId, {
    redirectUris: [
      'https://bright.example/callback',
      'https://app.bright.example/a/long/way/to/the/callback',
    ],
    subprocessors: [{ organizationId: other.id, service: 'hosting' }],
    purposeStatement: 'We show you your lab results in plain words, and what changed since the last time.',
    useCase: { ...useCase, ...special() },
  });
  const wild = await submittedApp(world, deps, other, {
    ...{ name: 'Bright Resu1ts', scopeCeiling: 'launch/patient patient/*.rs' },
    useCase: { ...useCase, ...special(), categories: ['everything'], storageCountries: ['DE', 'US'] },
  });
  await createContract(deps, operator, { organizationId: vendor.id, reference: 'Old agreement', ...INSTANT });
  const contact = {
    role: 'privacy',
    name: 'Uma Iyer',
    email: 'privacy@bright.example',
    phone: '+1 555 0100',
  };
  await changeOrganization(deps, operator, vendor.id, { contacts: [contact] });
  const { resourceServerId: serverId } = await world.store.prisma.fhirBase.findFirstOrThrow();
  const { id: secretId } = await addServerSecret(deps, operator, serverId);
  const ehr = { name: 'Harbor EHR', fhirBaseUrl: await fhirBaseOf(world, 'production') };
  const { ehrId } = await createEhr(deps, operator, {
    ...{ ...ehr, jwks: { keys: [await newKey()] } },
    ...{ organizationId: vendor.id, ownerId: vendor.ownerId },
  });
  return { vendor, appId, reviewId, wildReviewId: wild.reviewId, ehrId, serverId, secretId };
}

async function newKey(): Promise<object> {
  const { publicKey } = await generateKeyPair('ES384', { extractable: true });
  return { ...(await exportJWK(publicKey)), kid: 'ehr-1', alg: 'ES384', use: 'sig' };
}

function special() {
  const [now, end] = [new Date(), new Date()];
  end.setUTCMonth(end.getUTCMonth() + 6);
  const day = (at: Date) => at.toISOString().slice(0, 10);
  return {
    legalReview: { by: 'Harper & Stone LLP', reference: 'HS-2031', reviewedAt: day(now) },
    minimization: {
      necessity: 'Without the results there is nothing to explain.',
      identification: 'identified',
    },
    endsAt: day(end),
  } as const;
}

/** Every page with GET, forms included. */
export function consolePaths(records: ConsoleRecords): readonly string[] {
  const { vendor, appId, reviewId, wildReviewId, ehrId, serverId, secretId } = records;
  const below = (base: string, ...pages: string[]) =>
    ['', ...pages.map((page) => `/${page}`)].map((page) => base + page);
  return [
    ...['/admin', '/admin/reviews', '/admin/reviews?state=closed', '/admin/inventory'],
    ...below(`/admin/reviews/${reviewId}`, 'approve', 'ask-for-changes', 'refuse'),
    `/admin/reviews/${wildReviewId}`,
    ...['/admin/apps', '/admin/apps?name=nothing-like-it'],
    ...below(`/admin/apps/${appId}`, 'suspend', 'offboard', 'owner', 'contract', 'events'),
    ...['/admin/organizations', '/admin/organizations/new'],
    ...below(
      `/admin/organizations/${vendor.id}`,
      'change',
      'admit',
      'suspend',
      'offboard',
      'events',
      'merge',
    ),
    `/admin/organizations/${vendor.id}/merge/demo-network`,
    `/admin/organizations/${vendor.id}/contacts/new`,
    `/admin/organizations/${vendor.id}/contacts/privacy/${encodeURIComponent('privacy@bright.example')}/remove`,
    `/admin/organizations/${vendor.id}/contracts/new`,
    ...below(`/admin/contracts/${vendor.contractId}`, 'terms', 'renew'),
    ...below(`/admin/organizations/${vendor.id}/webhook`, 'remove'),
    `/admin/organizations/${vendor.id}/tokens/new`,
    `/admin/organizations/${vendor.id}/people/new`,
    '/admin/people',
    ...below(
      `/admin/people/${vendor.developerId}`,
      'change',
      'invite',
      'leave',
      'roles',
      'roles/developer/end',
    ),
    ...['/admin/servers', '/admin/servers/new'],
    ...below(
      `/admin/servers/${serverId}`,
      'change',
      'bases',
      'keys',
      'secrets',
      `secrets/${secretId}`,
      'suspend',
    ),
    ...[
      '/admin/recovery',
      '/admin/cut-offs',
      '/admin/cut-offs/new',
      `/admin/cut-offs/new?kind=client&subject=${appId}`,
    ],
    ...['/admin/ehrs', '/admin/ehrs/new'],
    ...below(`/admin/ehrs/${ehrId}`, 'change', 'suspend'),
  ];
}
