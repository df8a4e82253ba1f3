// The pages on which people govern access, in the invented network: whose they are, and where.
import { seedAnomalies } from '../../src/demo/generated-anomalies.ts';
import { seedGovernance } from '../../src/demo/generated-governance.ts';
import { seedEmergency } from '../../src/demo/seed-emergency.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import type { World } from '../setup/world.ts';

export interface GovernancePages {
  /** For all who oversee. */
  readonly console: readonly string[];
  readonly operator: readonly string[];
  readonly owner: readonly string[];
  readonly clinician: readonly string[];
}

/** After the invented network itself. */
export async function governancePages(world: World): Promise<GovernancePages> {
  const { store } = world;
  const deps = registryDeps(world);
  const { url } = await store.prisma.fhirBase.findUniqueOrThrow({ where: { slug: 'demo' } });
  await seedEmergency(deps, url);
  await seedAnomalies(store);
  await seedGovernance(deps);
  const { attestationCampaign, breakGlass, contract, finding, offboarding } = store.prisma;
  const byDueDate = { orderBy: { dueAt: 'desc' } } as const;
  const campaign = `/admin/campaigns/${(await attestationCampaign.findFirstOrThrow(byDueDate)).id}`;
  const findingOf = async (kind: string) => (await finding.findFirstOrThrow({ where: { kind } })).id;
  const glassOf = async (endedAt: null | object) =>
    (await breakGlass.findFirstOrThrow({ where: { endedAt } })).id;
  const renewal = await contract.findFirstOrThrow({ where: { renewsId: { not: null } } });
  const [ended, waiting] = [await glassOf({ not: null }), await glassOf(null)];
  const anomaly = `/admin/findings/${await findingOf('anomaly_volume')}`;
  const replays = `/developer/findings/${await findingOf('anomaly_replays')}`;
  const asked = campaign.replace('/admin/campaigns', '/developer/attestations');
  return {
    console: [
      ...['/admin/campaigns', campaign, `${campaign}/apps`, '/admin/findings', anomaly],
      ...['/admin/policies', '/admin/break-glass?waiting=yes', `/admin/break-glass/${ended}`],
      ...['/admin/offboardings', `/admin/offboardings/${(await offboarding.findFirstOrThrow()).id}`],
      // Its owner has answered: that stands in its timeline.
      '/admin/apps/fernhollow-medical-software-recalls',
      ...[`/admin/contracts/${renewal.id}/terms`, '/admin/contracts/meadowgate-health-plan-contract/terms'],
    ],
    operator: [
      ...['/admin/campaigns/new', `${campaign}/close`, `${anomaly}/close`, '/admin/policies/dormant_app'],
      ...[`/admin/break-glass/${waiting}/approve`, `/admin/break-glass/${ended}/review`],
      ...['/admin/break-glass/new', '/admin/apps/pebblebrook-systems-medicines/offboard'],
    ],
    owner: [
      ...['/developer/attestations', `${asked}/population-health-service`, '/developer/findings', replays],
      ...[`${replays}/answer`, '/developer/break-glass/new', '/developer/sign-in', '/developer/organization'],
    ],
    clinician: ['/developer/break-glass', '/developer/break-glass/new'],
  };
}
