// What governs the invented network: contracts with limits, campaigns with and without answers, an app that was ended.

import { ATTESTED_ITEMS } from '../policy/attestation.ts';
import type { Actor } from '../policy/permissions.ts';
import { attestApp, findAsked } from '../registry/attestations.ts';
import { listCampaignApps } from '../registry/campaign-lists.ts';
import { renewContract } from '../registry/contract-renewals.ts';
import { changeContract } from '../registry/contracts.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { openCampaign } from '../registry/new-campaign.ts';
import { offboard } from '../registry/offboarding.ts';
import type { Store } from '../store/database.ts';
import { type GeneratedApp, generatedApps } from './generated-apps.ts';
import { chosen } from './generated-registry.ts';
import { demoOperator } from './put-app.ts';
import { DEMO_NETWORK, DEMO_OPERATOR } from './seed-staff.ts';

const DAY_MS = 24 * 3_600_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

const operator: Actor = {
  ...{ personId: DEMO_OPERATOR, organizationId: DEMO_NETWORK },
  ...{ roles: ['operator', 'reviewer'], via: 'demo' },
};

/** Once, by the commands that people give; the campaigns come last, and say that it was done. */
export async function seedGovernance(deps: RegistryDeps): Promise<void> {
  const { prisma } = deps.store;
  if ((await prisma.attestationCampaign.count()) > 0) return;
  await limitContracts(deps);
  await endOne(deps);
  await askOwners(deps);
}

const OFFICE_HOURS = {
  timeZone: 'America/New_York',
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '07:00', to: '20:00' }],
};
const LIMITS = [
  { operations: ['read', 'search'], patientsPerHour: 400, resourcesPerHour: 20_000 },
  { datasets: ['Patient', 'Encounter', 'Coverage', 'Condition'], operations: ['read', 'search', 'export'] },
  { operations: ['read', 'search'], resourcesPerHour: 5_000, hours: OFFICE_HOURS },
];

const contractOf = ({ organization }: GeneratedApp) => `${organization.id}-contract`;
const isPlanted = (kind: GeneratedApp['planted']) => (app: GeneratedApp) => app.planted === kind;

/** Of payers and of two hospitals; one that ends soon has a renewal with more than was agreed. */
async function limitContracts(deps: RegistryDeps): Promise<void> {
  const named = (kind: string) =>
    new Set(generatedApps.filter((app) => app.organization.kind === kind).map(contractOf));
  const limited = [...named('payer'), ...[...named('provider')].slice(0, 2)];
  // Where somebody agreed on limits, those hold.
  const { prisma } = deps.store;
  const known = await prisma.contract.findMany({ where: { id: { in: limited } } });
  const unlimited = new Set(known.filter(({ limits }) => limits === null).map(({ id }) => id));
  for (const [n, id] of limited.entries())
    if (unlimited.has(id)) await changeContract(deps, operator, id, { limits: LIMITS[n % LIMITS.length] });
  const ending = generatedApps.find(isPlanted('contract_ending'));
  if (ending === undefined) return;
  const id = contractOf(ending);
  if ((await prisma.contract.count({ where: { renewsId: id } })) > 0) return;
  // Not Priya, so that she may approve it.
  await renewContract(deps, demoOperator, id, {
    endsAt: inDays(21 + 365),
    subprocessors: ['slatewater-cloud'],
  });
}

/** For good, with the proof that the timers make. */
async function endOne(deps: RegistryDeps): Promise<void> {
  const ended = generatedApps.findLast(
    ({ state, purpose, planted }) => state === 'acting' && planted === undefined && purpose.asksPeople,
  );
  if (ended === undefined || (await isEnded(deps.store, ended.id))) return;
  const { organization, purpose, id: subjectId } = ended;
  await offboard(deps, operator, {
    ...{ kind: 'app', subjectId, confirm: `${organization.brand} ${purpose.product}` },
    reason: 'Its vendor has sold the product; the new one registers an app of its own.',
  });
}

const isEnded = async ({ prisma }: Store, id: string) =>
  (await prisma.app.count({ where: { id, offboardedAt: { not: null } } })) > 0;

/** One is half answered and has time; of another, about one app, the day is near and nobody has said anything. */
async function askOwners(deps: RegistryDeps): Promise<void> {
  const silent = generatedApps.find(isPlanted('over_scoped'));
  if (silent !== undefined)
    await openCampaign(deps, operator, {
      ...{ reason: 'It holds far more scopes than it uses: say which it still needs.', dueAt: inDays(2) },
      selection: { organizationId: silent.organization.id, purpose: silent.purpose.purpose },
    });
  const { campaignId } = await openCampaign(deps, operator, {
    ...{ reason: 'Yearly confirmation of apps that improve quality.', dueAt: inDays(24) },
    ...{ selection: { purpose: 'HQUALIMP' }, onSilence: 'report' },
  });
  const { rows } = await listCampaignApps(deps, operator, campaignId, { limit: 100 });
  const invented = rows.filter(({ appId }) => generatedApps.some(({ id }) => id === appId));
  for (const [n, { appId }] of invented.entries())
    if (chosen(`attested ${appId}`, 2) === 0) await answer(deps, { campaignId, appId }, n);
}

async function answer(
  deps: RegistryDeps,
  about: { readonly campaignId: string; readonly appId: string },
  n: number,
): Promise<void> {
  const app = generatedApps.find(({ id }) => id === about.appId);
  if (app === undefined) return;
  const owner: Actor & { readonly verifiedAt: Date } = {
    ...{ personId: `${app.organization.id}-owner`, organizationId: app.organization.id },
    ...{ roles: ['owner'], via: 'portal', verifiedAt: new Date() },
  };
  const { snapshot } = await findAsked(deps, owner, about.campaignId, about.appId);
  const [unused] = snapshot.facts.use.scopes.filter(({ state }) => state !== 'used');
  await attestApp(deps, owner, about, {
    ...{ snapshotHash: snapshot.hash, decision: 'confirm', confirmed: ATTESTED_ITEMS },
    ...(n % 4 === 0 && unused !== undefined
      ? { givenUpScopes: [unused.scope], note: 'We do not ask for it any more.' }
      : {}),
  });
}
