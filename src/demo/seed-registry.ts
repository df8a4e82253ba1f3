// Who answers for the demo's apps, servers and EHR, who has a contract, and who processes data for them.
import { skeletonOf } from '../policy/names.ts';
import type { Role } from '../policy/permissions.ts';
import type { Store } from '../store/database.ts';
import type { Contact } from '../store/organizations.ts';
import { DEMO_OWNER, type DemoPerson, putPeople } from './seed-staff.ts';
import { ANALYTICS, HOSTING } from './use-cases.ts';

export const LANTERN = 'lantern';
export const LANTERN_CONTRACT = 'lantern-2026';
export const HARBOR_CLINIC = 'harbor-clinic';
export const HARBOR_OWNER = 'elena-marsh';
export const TIDEWATER = 'tidewater';
export const TIDEWATER_CONTRACT = 'tidewater-2026';
export const TIDEWATER_OWNER = 'grace-okafor';
export const TIDEWATER_DEVELOPER = 'ben-halvorsen';

const contact = (role: Contact['role'], name: string, email: string): Contact => ({ role, name, email });

const organizations = [
  {
    ...{ id: LANTERN, legalName: 'Lantern Health, Inc.', kind: 'vendor', admitted: true },
    contacts: [contact('privacy', 'Dana Whitfield', 'privacy@lantern.example')],
  },
  {
    ...{ id: TIDEWATER, legalName: 'Tidewater Medication Services, LLC', kind: 'vendor', admitted: true },
    contacts: [contact('privacy', 'Grace Okafor', 'privacy@tidewater.example')],
  },
  {
    ...{ id: HARBOR_CLINIC, legalName: 'Harbor Clinic', kind: 'provider', admitted: true },
    contacts: [contact('technical', 'Elena Marsh', 'it@harborclinic.example')],
  },
  {
    ...{ id: HOSTING, legalName: 'Cumulus Hosting, Inc.', kind: 'subprocessor', admitted: false },
    contacts: [contact('security', 'Security desk', 'security@cumulus.example')],
  },
  {
    ...{ id: ANALYTICS, legalName: 'Prism Analytics, Inc.', kind: 'subprocessor', admitted: false },
    contacts: [contact('privacy', 'Privacy office', 'privacy@prism.example')],
  },
] as const;

const people: readonly DemoPerson[] = [
  { id: DEMO_OWNER, organizationId: LANTERN, name: 'Dana Whitfield', email: 'dana@lantern.example' },
  { id: TIDEWATER_OWNER, organizationId: TIDEWATER, name: 'Grace Okafor', email: 'grace@tidewater.example' },
  {
    ...{ id: TIDEWATER_DEVELOPER, organizationId: TIDEWATER },
    ...{ name: 'Ben Halvorsen', email: 'ben@tidewater.example' },
  },
  {
    ...{ id: HARBOR_OWNER, organizationId: HARBOR_CLINIC },
    ...{ name: 'Elena Marsh', email: 'elena@harborclinic.example' },
  },
];

/** Dana's come with her colleagues' (seed-staff). */
const roles: Readonly<Record<string, readonly Role[]>> = {
  [TIDEWATER_OWNER]: ['owner'],
  [TIDEWATER_DEVELOPER]: ['developer'],
  [HARBOR_OWNER]: ['owner'],
};

const contracts = [
  { id: LANTERN_CONTRACT, organizationId: LANTERN, reference: 'Data use agreement 2026-014' },
  { id: TIDEWATER_CONTRACT, organizationId: TIDEWATER, reference: 'Data use agreement 2026-022' },
];

const YEAR_MS = 365 * 24 * 3_600_000;

/** What people changed about them stays. */
export async function seedRegistry({ prisma }: Store): Promise<void> {
  const now = new Date();
  for (const { admitted, contacts, ...organization } of organizations) {
    const create = {
      ...organization,
      ...{ nameSkeleton: skeletonOf(organization.legalName), admittedAt: admitted ? now : null },
      contacts: contacts.map((one) => ({ ...one })),
    };
    await prisma.organization.upsert({ where: { id: organization.id }, create, update: {} });
  }
  await putPeople(prisma, people, roles);
  for (const contract of contracts) {
    const create = { ...contract, startsAt: now, endsAt: new Date(now.getTime() + 2 * YEAR_MS) };
    await prisma.contract.upsert({ where: { id: contract.id }, create, update: {} });
  }
}
