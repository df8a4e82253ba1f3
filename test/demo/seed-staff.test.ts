import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seedStaff, staffInvitations } from '../../src/demo/seed-staff.ts';
import { type AreaSite, openAreaSite } from '../staff/area-site.ts';

let site: AreaSite;
beforeAll(async () => {
  site = await openAreaSite([], {});
});
afterAll(() => site.stop());

const rolesNow = async () => {
  const roles = await site.store.prisma.personRole.findMany({ where: { endedAt: null } });
  return roles.map(({ personId, role }) => `${personId}: ${role}`).sort();
};

const SEEDED = [
  ...['dana-whitfield: developer', 'dana-whitfield: owner', 'miguel-santos: developer'],
  ...['priya-raman: operator', 'priya-raman: reviewer'],
  ...['tom-lindqvist: reviewer', 'tom-lindqvist: security_officer'],
];

test('the demo has an owner with a colleague, and two who review, one of them to operate', async () => {
  expect(await rolesNow()).toEqual(SEEDED);
});

test('what people did to it stays: a role that was ended is not given again at the next start', async () => {
  const id = 'priya-raman-reviewer';
  await site.store.prisma.personRole.update({ where: { id }, data: { endedAt: new Date() } });
  await site.store.prisma.person.update({ where: { id: 'priya-raman' }, data: { name: 'Priya R.' } });
  await seedStaff(site.store, 'Test network');
  expect(await rolesNow()).toEqual(SEEDED.filter((role) => role !== 'priya-raman: reviewer'));
  expect(await site.store.prisma.person.count({ where: { name: 'Priya R.' } })).toBe(1);
});

test('who has a passkey is invited no more', async () => {
  const names = async () => (await staffInvitations(site.store, site.issuer)).map(({ name }) => name);
  expect(await names()).toEqual(['Dana Whitfield', 'Priya R.']);
  await site.signedIn('dana-whitfield');
  expect(await names()).toEqual(['Priya R.']);
});
